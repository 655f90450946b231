"""What each variant has cost, from when on: written by a trigger of the database, whoever changes a price and however."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models.variant import Variant


class PriceHistory(models.Model):
    """One price as it stood from a moment on, until the next row of the same variant and currency.

    Nobody writes here: the trigger of `catalogue_price` does, so an import and a statement typed into a console leave the
    same trace as the admin.
    """

    no_personal_data = "Goods."

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="price_history", verbose_name=_("variant"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    reduced = models.BooleanField(_("announced as reduced"))
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("past price")
        verbose_name_plural = _("past prices")
        ordering = ["-since"]
        constraints = [
            # Prices that are changed twice in one transaction were never charged in between.
            models.UniqueConstraint(fields=["variant", "currency", "since"], name="one_price_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
