"""What applies to an order at this moment: shipping, taxes, exchange rates and offers, read in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from orders.domain.coupons import person_of
from orders.domain.offers import account_as_person
from orders.models import Offer

if TYPE_CHECKING:
    from accounts.models import User

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
    SELECT jsonb_agg(jsonb_build_object(
        'id', offer.id, 'kind', offer.kind, 'percent', offer.percent::text, 'buy', offer.buy, 'get', offer.get,
        'names', offer.names, 'code', offer.code, 'category', offer.category_id, 'first_order', offer.first_order,
        'amount', taken.amount::text, 'minimum', taken.minimum::text,
        'used_up', coalesce(offer.used >= offer.most, false),
        'used_by_you', coalesce(offer.most_each = 0, false) OR EXISTS (
            SELECT FROM orders_offertally AS tally
             WHERE tally.offer_id = offer.id AND tally.used >= offer.most_each
               AND tally.person = CASE WHEN offer.first_order THEN %(known)s ELSE %(mailbox)s END::bytea),
        'ordered_before', offer.first_order AND (%(account)s::bigint IS NULL OR EXISTS (
            SELECT FROM orders_order AS earlier
             WHERE earlier.account_id = %(account)s::bigint AND earlier.state <> 'cancelled'))) ORDER BY offer.id)
      FROM orders_offer AS offer
      LEFT JOIN orders_offeramount AS taken ON taken.offer_id = offer.id AND taken.currency = %(currency)s
     WHERE offer.code IN ('', %(code)s) AND offer.active AND offer.starts_at <= statement_timestamp()
       AND (offer.ends_at IS NULL OR offer.ends_at > statement_timestamp())
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
class OfferTerms:
    """What an offer takes off, and what keeps this person from it; `amount` is None where it has no row for the currency."""

    id: int
    kind: str
    percent: Decimal
    buy: int
    get: int
    names: Mapping[str, str]
    code: str
    category: int | None
    first_order: bool
    amount: Decimal | None
    minimum: Decimal
    used_up: bool
    used_by_you: bool
    ordered_before: bool

    @property
    def open_to_you(self) -> bool:
        """Whether nothing but the basket decides about it."""
        in_currency = self.kind != Offer.Kind.AMOUNT or bool(self.amount)
        return in_currency and not (self.used_up or self.used_by_you or self.ordered_before)


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to goods that are sent to one country and paid in one currency; `won` is what one unit of each is worth."""

    country: str
    currency: str
    rates: tuple[Rate, ...]
    rules: tuple[Rule, ...]
    won: Mapping[str, Decimal]
    offers: tuple[OfferTerms, ...] = ()
    # The code that was typed, as it is stored.
    typed: str = ""

    def without_code(self) -> Terms:
        """The same for somebody who typed no code."""
        return replace(self, offers=tuple(offer for offer in self.offers if not offer.code), typed="")

    def in_currency(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount of this order in another currency, by the rates; None where one is missing."""
        if currency == self.currency:
            return amount
        here, there = self.won.get(self.currency), self.won.get(currency)
        return None if here is None or there is None else amount * here / there


def read(country: str, currency: str, code: str = "", *, account: User | None = None, email: str = "") -> Terms:
    """The terms as they stand. `code` is one as `coupons.read_code` gives it.

    `account` and `email` say for whom, as far as that is known: some offers are for the first order, or once for each.
    """
    asked = {
        "country": country,
        "currency": currency,
        "code": code,
        "zone": settings.TIME_ZONE,
        "account": account.pk if account else None,
        "known": account_as_person(account),
        "mailbox": person_of(email) if email else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(READ, asked)
        rates, rules, won, offered = (_plain(column) for column in cursor.fetchone())
    return Terms(
        country=country,
        currency=currency,
        rates=tuple(Rate(**row | {"price": Decimal(row["price"])}) for row in rates or ()),
        rules=tuple(_rule(row) for row in rules or ()),
        won={"KRW": Decimal(1)} | {code: Decimal(worth) for code, worth in (won or {}).items()},
        offers=tuple(_offer(row) for row in offered or ()),
        typed=code,
    )


def _plain(column: Any) -> Any:
    # Amounts are texts in it, so that none of them is ever a float.
    return json.loads(column) if isinstance(column, str) else column


def _rule(row: dict[str, Any]) -> Rule:
    free = row["free_up_to"]
    return Rule(**row | {"percent": Decimal(row["percent"]), "free_up_to": None if free is None else Decimal(free)})


def _offer(row: dict[str, Any]) -> OfferTerms:
    amounts = {
        "percent": Decimal(row["percent"]),
        "amount": None if row["amount"] is None else Decimal(row["amount"]),
        "minimum": Decimal(row["minimum"] or 0),
    }
    return OfferTerms(**row | amounts)
