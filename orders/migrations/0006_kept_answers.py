"""A request that may be sent again is answered once, and what came of it is kept for a day."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_parcels_and_returns")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_digest", models.BinaryField(max_length=32, unique=True)),
                ("body_digest", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField(verbose_name="status")),
                ("problem", models.JSONField(null=True, verbose_name="problem")),
                ("kept_at", models.DateTimeField(db_default=Now(), verbose_name="kept")),
                (
                    "order",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "indexes": [models.Index(fields=["kept_at"], name="kept_answer_age")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("order__isnull", False),
                            ("problem__isnull", True),
                        )
                        | models.Q(("order__isnull", True), ("problem__isnull", False)),
                        name="kept_answer_is_an_order_or_a_problem",
                    )
                ],
            },
        ),
    ]
