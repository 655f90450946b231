"""What it costs to send a parcel: by zone and weight, from rows that staff may change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from djmoney.money import Money

from orders.domain.shipping_table import ZONES
from orders.models import ShippingRate, ShippingZone


class CannotShip(Exception):
    """There is no rate for this parcel; `heaviest_g` is the most that could be sent, 0 when nothing can."""

    def __init__(self, heaviest_g: int) -> None:
        super().__init__("There is no shipping rate for this country and weight.")
        self.heaviest_g = heaviest_g


def why_not(refused: CannotShip) -> str:
    """Why nothing can be sent there, in a sentence for the shopper."""
    if refused.heaviest_g:
        return _("One parcel to this country may weigh %(limit)s kg at most. Please order in two parts.") % {
            "limit": refused.heaviest_g // 1000
        }
    return _("We have no shipping price for this country yet. Please choose another one, or write to us.")


@dataclass(frozen=True, slots=True)
class Quote:
    price: Money
    days_from: int
    days_to: int


def quote(country: str, weight_g: int, currency: str) -> Quote:
    """The price of one parcel. A zone that names the country counts before the zone for all other countries."""
    rates = list(
        ShippingRate.objects.select_related("zone")
        .filter(Q(zone__countries__contains=[country]) | Q(zone__countries=[]), currency=currency)
        .order_by("up_to_g")
    )
    own = [rate for rate in rates if rate.zone.countries] or rates
    for rate in own:
        if rate.up_to_g >= weight_g:
            return Quote(Money(rate.price, currency), rate.zone.days_from, rate.zone.days_to)
    raise CannotShip(max((rate.up_to_g for rate in own), default=0))


def ensure_rates(zones: Any = ShippingZone, rates: Any = ShippingRate, using: str | None = None) -> None:
    """Put in the zones and rates that are missing, so that every country has a price; what staff changed stays."""
    for row in ZONES:
        zone, made = zones.objects.using(using).get_or_create(
            code=row.code,
            defaults={
                "name": row.name,
                "countries": list(row.countries),
                "days_from": row.days[0],
                "days_to": row.days[1],
            },
        )
        if made:
            rates.objects.using(using).bulk_create(
                rates(zone=zone, up_to_g=up_to_g, currency=currency, price=Decimal(price))
                for currency, bands in row.prices.items()
                for up_to_g, price in bands
            )
