"""What a country asks for goods that come in, and what a currency is worth: rows that staff keep up to date."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class TaxRule(models.Model):
    """One tax or duty of one country, from a day on. Of several duties the one with the longest beginning of the HS code counts."""

    no_personal_data = "The laws of countries."

    class Kind(models.TextChoices):
        DUTY = "duty", _("customs duty")
        TAX = "tax", _("value added tax")

    class How(models.TextChoices):
        INCLUDED = "included", _("in the prices")
        ADDED = "added", _("added to the order")
        ON_ARRIVAL = "on_arrival", _("paid on arrival")

    country = models.CharField(_("country"), max_length=2)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    name = models.CharField(_("name"), max_length=40, help_text=_("As people there call it, such as VAT or GST."))
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)
    how = models.CharField(_("how it is paid"), max_length=10, choices=How, default=How.ON_ARRIVAL)
    hs_prefix = models.CharField(_("for HS codes from"), max_length=10, blank=True)
    # Goods of this value or less are free of it.
    free_up_to = models.DecimalField(_("free up to"), max_digits=12, decimal_places=2, null=True, blank=True)
    free_currency = models.CharField(_("currency of that"), max_length=3, blank=True)
    on_shipping = models.BooleanField(_("also on the shipping"), default=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("by which law"), max_length=200)

    class Meta:
        verbose_name = _("tax of a country")
        verbose_name_plural = _("taxes of countries")
        ordering = ["country", "kind", "hs_prefix", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "kind", "hs_prefix", "starts_on"], name="one_tax_rule_per_day_it_starts"
            ),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=1000), name="tax_percent_is_a_rate"),
            models.CheckConstraint(
                condition=Q(free_up_to__isnull=True) | (Q(free_up_to__gte=0) & ~Q(free_currency="")),
                name="tax_free_amount_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.name} {self.hs_prefix}".strip()


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in won, from a moment on. Prices are never made of it; limits of laws are read by it."""

    no_personal_data = "What money is worth."

    currency = models.CharField(_("currency"), max_length=3)
    won = models.DecimalField(_("won for one"), max_digits=18, decimal_places=8)
    starts_at = models.DateTimeField(_("from"), db_default=Now())
    source = models.CharField(_("whose rate"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "starts_at"], name="one_exchange_rate_at_a_time"),
            models.CheckConstraint(condition=Q(won__gt=0), name="exchange_rate_above_zero"),
        ]

    def __str__(self) -> str:
        return self.currency
