"""What is put into a basket: one variant of a product, with its stock and its price in each currency."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from catalogue.amounts import can_be_paid
from catalogue.languages import in_language


class Variant(models.Model):
    """One choice of a product, with the pieces that are free and those that are held for people who are paying.

    Both numbers are moved by `domain.stock`. A piece is in one of them, or sold.
    """

    no_personal_data = "Goods."

    product = models.ForeignKey(
        "catalogue.Product",
        models.CASCADE,
        related_name="variants",
        verbose_name=_("product"),
    )
    sku = models.CharField(_("SKU"), max_length=80, unique=True)
    options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_('By language: {"en": {"Size": "150 ml"}, "ko": {"용량": "150 ml"}}'),
    )
    barcode = models.CharField(_("barcode"), max_length=32, blank=True)
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    stock = models.IntegerField(_("stock"), default=0)
    # The sum of this variant's holds; the database refuses a change of one without the other.
    held = models.PositiveIntegerField(_("held"), default=0, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(stock__gte=0), name="stock_is_never_below_zero"),
            models.UniqueConstraint(
                fields=["barcode"],
                condition=~Q(barcode=""),
                name="one_variant_per_barcode",
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write everything but `held`: what was read a moment ago may have been bought since."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                f.name for f in self._meta.concrete_fields if not f.primary_key and f.name != "held"
            ]
        super().save(*args, **kwargs)

    def label(self, language: str | None = None) -> str:
        """The choice in words, such as "150 ml, Rose"; empty when there is nothing to choose."""
        chosen = in_language(self.options, language)
        return ", ".join(str(value) for value in chosen.values()) if isinstance(chosen, dict) else ""


class Price(models.Model):
    """What a variant costs in one currency, and what it cost before when it is on offer."""

    no_personal_data = "Goods."

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices", verbose_name=_("variant"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    compare_at = models.DecimalField(_("price before"), max_digits=12, decimal_places=2, null=True, blank=True)
    # The lowest price of the 30 days before this one was announced as reduced; the trigger of the table reckons it.
    lowest_before = models.DecimalField(
        _("lowest price of the 30 days before"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="one_price_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at__isnull=True) | Q(compare_at__gt=F("amount")),
                name="price_before_is_higher",
            ),
            models.CheckConstraint(
                condition=can_be_paid("amount") & (Q(compare_at__isnull=True) | can_be_paid("compare_at")),
                name="price_can_be_paid",
            ),
        ]
        indexes = [models.Index(fields=["currency", "amount"], name="catalogue_price_amount")]

    def __str__(self) -> str:
        return str(self.money)

    @property
    def money(self) -> Money:
        """The price with its currency."""
        return Money(self.amount, self.currency)
