"""Pieces that are kept for somebody who is paying, and until when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models.variant import Variant


class Hold(models.Model):
    """Pieces of one variant that left the free stock under a key and are not sold yet; written by `domain.stock` alone.

    When `expires_at` has passed, by the database's clock, they are free again for whoever asks next: no task has to run.
    Triggers of the database see to it that `Variant.held` is the sum of these rows at the end of every transaction: what
    changes in one of the two books and not in the other is refused.
    """

    no_personal_data = "Goods under a random key."

    # The index by expiry begins with it.
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="holds", verbose_name=_("variant"), db_index=False
    )
    # Whoever holds knows what it stands for: orders use the token of their checkout page.
    key = models.UUIDField(_("key"), editable=False)
    quantity = models.PositiveIntegerField(_("quantity"))
    expires_at = models.DateTimeField(_("held until"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["key", "variant"], name="a_key_holds_a_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_quantity_above_zero"),
        ]
        indexes = [models.Index(fields=["variant", "expires_at"], name="hold_by_expiry")]

    def __str__(self) -> str:
        return f"{self.quantity} × variant {self.variant_id}"
