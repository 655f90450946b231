"""What came of a request that may be sent again, so that the second time is the first time."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class KeptAnswer(models.Model):
    """One key of a checkout page or an API client, what was sent with it, and the order or the refusal that came of it.

    Kept for a day; `domain.once` writes, reads and forgets it.
    """

    no_personal_data = "Keyed hashes of a key and of what was sent with it, and which order came of it."

    # Over the key, whose it is and where it was sent, so that nobody gets an answer that is another's.
    key_digest = models.BinaryField(max_length=32, unique=True)
    # Over what was sent. Nobody finds an address by trying, since the hash has a key of its own.
    body_digest = models.BinaryField(max_length=32)
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, related_name="+", editable=False, verbose_name=_("order")
    )
    # Where no order came of it: the status, and the problem as it was told.
    status = models.PositiveSmallIntegerField(_("status"))
    problem = models.JSONField(_("problem"), null=True)
    kept_at = models.DateTimeField(_("kept"), db_default=Now())

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=False, problem__isnull=True) | Q(order__isnull=True, problem__isnull=False),
                name="kept_answer_is_an_order_or_a_problem",
            ),
        ]
        indexes = [models.Index(fields=["kept_at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return f"kept answer {self.pk}"
