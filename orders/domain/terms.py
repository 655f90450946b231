"""What applies to an order at this moment: shipping rates, taxes, exchange rates and a coupon, read in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

READ = """
SELECT (
    SELECT jsonb_agg(jsonb_build_object(
        'named', cardinality(zone.countries) > 0, 'up_to_g', rate.up_to_g, 'price', rate.price::text,
        'days_from', zone.days_from, 'days_to', zone.days_to) ORDER BY rate.up_to_g)
      FROM orders_shippingrate AS rate JOIN orders_shippingzone AS zone ON zone.id = rate.zone_id
     WHERE rate.currency = %(currency)s AND (zone.countries @> ARRAY[%(country)s]::varchar[] OR zone.countries = '{}')
), (
    SELECT jsonb_agg(jsonb_build_object(
        'kind', rule.kind, 'name', rule.name, 'percent', rule.percent::text, 'how', rule.how,
        'hs_prefix', rule.hs_prefix, 'free_up_to', rule.free_up_to::text, 'free_currency', rule.free_currency,
        'on_shipping', rule.on_shipping, 'source', rule.source))
      FROM (SELECT DISTINCT ON (kind, hs_prefix) * FROM orders_taxrule
             WHERE country = %(country)s AND starts_on <= (statement_timestamp() AT TIME ZONE %(zone)s)::date
             ORDER BY kind, hs_prefix, starts_on DESC) AS rule
     WHERE rule.ends_on IS NULL OR rule.ends_on >= (statement_timestamp() AT TIME ZONE %(zone)s)::date
), (
    SELECT jsonb_object_agg(latest.currency, latest.won::text)
      FROM (SELECT DISTINCT ON (currency) currency, won FROM orders_exchangerate
             WHERE starts_at <= statement_timestamp() ORDER BY currency, starts_at DESC) AS latest
), (
    SELECT jsonb_build_object(
        'id', coupon.id, 'kind', coupon.kind, 'percent', coupon.percent::text,
        'amount', taken.amount::text, 'minimum', taken.minimum::text,
        'used_up', coalesce(coupon.used >= coupon.most, false))
      FROM orders_coupon AS coupon
      LEFT JOIN orders_couponamount AS taken ON taken.coupon_id = coupon.id AND taken.currency = %(currency)s
     WHERE coupon.code = %(coupon)s AND coupon.active AND coupon.starts_at <= statement_timestamp()
       AND (coupon.ends_at IS NULL OR coupon.ends_at > statement_timestamp())
)
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of a parcel up to a weight; `named` when its zone names the country."""

    named: bool
    up_to_g: int
    price: Decimal
    days_from: int
    days_to: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One tax or duty that applies in the country now."""

    kind: str
    name: str
    percent: Decimal
    how: str
    hs_prefix: str
    free_up_to: Decimal | None
    free_currency: str
    on_shipping: bool
    source: str

    @property
    def rate(self) -> str:
        """The percentage without idle zeros, such as 25.5."""
        return f"{self.percent.normalize():f}"


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a valid coupon takes off; `amount` is None where it has no row for the currency."""

    id: int
    kind: str
    percent: Decimal
    amount: Decimal | None
    minimum: Decimal
    used_up: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to goods that are sent to one country and paid in one currency; `won` is what one unit of each is worth."""

    country: str
    currency: str
    rates: tuple[Rate, ...]
    rules: tuple[Rule, ...]
    won: Mapping[str, Decimal]
    coupon: CouponTerms | None

    def in_currency(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount of this order in another currency, by the rates; None where one is missing."""
        if currency == self.currency:
            return amount
        here, there = self.won.get(self.currency), self.won.get(currency)
        return None if here is None or there is None else amount * here / there


def read(country: str, currency: str, coupon: str = "") -> Terms:
    """The terms as they stand. `coupon` is a code as `coupons.read_code` gives it."""
    with connection.cursor() as cursor:
        asked = {"country": country, "currency": currency, "coupon": coupon, "zone": settings.TIME_ZONE}
        cursor.execute(READ, asked)
        rates, rules, won, taken = (_plain(column) for column in cursor.fetchone())
    return Terms(
        country=country,
        currency=currency,
        rates=tuple(Rate(**row | {"price": Decimal(row["price"])}) for row in rates or ()),
        rules=tuple(_rule(row) for row in rules or ()),
        won={"KRW": Decimal(1)} | {code: Decimal(worth) for code, worth in (won or {}).items()},
        coupon=_coupon(taken) if taken else None,
    )


def _plain(column: Any) -> Any:
    # Amounts are texts in it, so that none of them is ever a float.
    return json.loads(column) if isinstance(column, str) else column


def _rule(row: dict[str, Any]) -> Rule:
    free = row["free_up_to"]
    return Rule(**row | {"percent": Decimal(row["percent"]), "free_up_to": None if free is None else Decimal(free)})


def _coupon(row: dict[str, Any]) -> CouponTerms:
    return CouponTerms(
        id=row["id"],
        kind=row["kind"],
        percent=Decimal(row["percent"]),
        amount=None if row["amount"] is None else Decimal(row["amount"]),
        minimum=Decimal(row["minimum"] or 0),
        used_up=row["used_up"],
    )
