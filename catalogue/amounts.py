"""Amounts as their currency can be paid: won and yen in whole ones, the others with two decimals; never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, Q
from django.db.models.functions import Floor
from moneyed import get_currency

# ISO 4217 gives these no smaller unit. The database's constraints name them too, so a new one needs a migration.
WHOLE_CURRENCIES = ("JPY", "KRW")


def step(currency: str) -> Decimal:
    """The smallest amount that can be paid: 0.01 of a dollar, 1 won."""
    return Decimal(1) / Decimal(get_currency(currency).sub_unit)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The nearest amount that can be paid; a half goes up."""
    if isinstance(amount, float):
        raise TypeError("Money is never a float; pass a Decimal.")
    return amount.quantize(step(currency), rounding=ROUND_HALF_UP)


def divided(amount: Decimal, shares: list[Decimal], currency: str) -> list[Decimal]:
    """An amount in parts as large as the shares say, each of which can be paid, and which sum up to it exactly.

    What rounding leaves over goes to the parts that lost most by it, the first of equals first.
    """
    whole = sum(shares, Decimal(0))
    if whole <= 0:
        return [Decimal(0)] * len(shares)
    one = step(currency)
    exact = [amount * share / whole for share in shares]
    parts = [(part // one) * one for part in exact]
    left = int((amount - sum(parts, Decimal(0))) / one)
    for index in sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])[:left]:
        parts[index] += one
    return parts


def can_be_paid(*names: str) -> Q:
    """The condition of a constraint: these columns hold no part of a unit that their row's currency has no coin for."""
    whole = Q(*(Q(**{name: Floor(F(name))}) for name in names))
    return ~Q(currency__in=WHOLE_CURRENCIES) | whole
