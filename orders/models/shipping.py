"""What sending a parcel costs: zones of countries, bands of weight, a price in each currency; all rows of data."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.amounts import can_be_paid


class ShippingZone(models.Model):
    """Countries that cost the same to send to. The zone without countries is for all that no other zone names."""

    no_personal_data = "Countries."

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True)
    days_from = models.PositiveSmallIntegerField(_("days, at least"), default=3)
    days_to = models.PositiveSmallIntegerField(_("days, at most"), default=10)

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ShippingRate(models.Model):
    """The price of a parcel up to a weight."""

    no_personal_data = "A weight and a price."

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="rates", verbose_name=_("zone"))
    up_to_g = models.PositiveIntegerField(_("up to, in grams"))
    currency = models.CharField(_("currency"), max_length=3)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        ordering = ["zone", "currency", "up_to_g"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "currency", "up_to_g"], name="one_rate_per_band"),
            models.CheckConstraint(condition=Q(price__gte=0), name="shipping_price_not_negative"),
            models.CheckConstraint(condition=can_be_paid("price"), name="shipping_price_can_be_paid"),
            models.CheckConstraint(condition=Q(up_to_g__gt=0), name="shipping_band_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id}: {self.up_to_g} g, {self.currency}"
