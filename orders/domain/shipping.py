"""What it costs to send a parcel: by zone and weight, from rows that staff may change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from djmoney.money import Money

from orders.domain.shipping_table import ZONES
from orders.domain.terms import Terms
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


def quote(terms: Terms, weight_g: int) -> Quote:
    """The price of one parcel. A zone that names the country counts before the zone for all other countries."""
    own = [rate for rate in terms.rates if rate.named] or terms.rates
    for rate in own:
        if rate.up_to_g >= weight_g:
            return Quote(Money(rate.price, terms.currency), rate.days_from, rate.days_to)
    raise CannotShip(max((rate.up_to_g for rate in own), default=0))


def ensure_rates(zones: Any = ShippingZone, rates: Any = ShippingRate, using: str | None = None) -> None:
    """Put in the zones and rates that are missing, so that every country has a price in every currency.

    What staff changed stays: a zone is given rates only in currencies in which it has none at all.
    """
    for row in ZONES:
        zone, _made = zones.objects.using(using).get_or_create(
            code=row.code,
            defaults={
                "name": row.name,
                "countries": list(row.countries),
                "days_from": row.days[0],
                "days_to": row.days[1],
            },
        )
        priced = set(rates.objects.using(using).filter(zone=zone).values_list("currency", flat=True).distinct())
        rates.objects.using(using).bulk_create(
            rates(zone=zone, up_to_g=up_to_g, currency=currency, price=Decimal(price))
            for currency, bands in row.prices.items()
            if currency not in priced
            for up_to_g, price in bands
        )
