"""A campaign gives an offer with a code, which a coupon is now; each keeps its own by the code."""

import django.db.models.deletion
from django.db import migrations, models

SAME_CODE = """
UPDATE marketing_campaign AS campaign SET offer_id = offer.id
  FROM orders_coupon AS coupon JOIN orders_offer AS offer ON offer.code = coupon.code
 WHERE coupon.id = campaign.coupon_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
SAME_CODE_BACK = """
UPDATE marketing_campaign AS campaign SET coupon_id = coupon.id
  FROM orders_coupon AS coupon JOIN orders_offer AS offer ON offer.code = coupon.code
 WHERE offer.id = campaign.offer_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("marketing", "0011_surveys"), ("orders", "0012_coupons_become_offers")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="offer",
            field=models.ForeignKey(
                blank=True,
                help_text="The orders that use it are shown beside the deliveries.",
                limit_choices_to={"code__gt": ""},
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="orders.offer",
                verbose_name="coupon",
            ),
        ),
        migrations.RunSQL(SAME_CODE, SAME_CODE_BACK),
        migrations.RemoveField("campaign", "coupon"),
        migrations.RenameField("campaign", "offer", "coupon"),
    ]
