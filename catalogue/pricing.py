"""In which currency a shopper sees prices, and how an amount is written in it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.formats import number_format
from moneyed import get_currency

from catalogue.languages import current_language

if TYPE_CHECKING:
    from django.http import HttpRequest


def currency_for(request: HttpRequest | None) -> str:
    """The currency of this shopper: the one that they chose, else won on Korean pages, else the store's own."""
    chosen = getattr(request, "currency", "")
    if chosen in settings.CURRENCIES:
        return chosen
    language = getattr(request, "LANGUAGE_CODE", None) or current_language()
    if language.startswith("ko") and "KRW" in settings.CURRENCIES:
        return "KRW"
    return settings.DEFAULT_CURRENCY


_SIGNS = {"KRW": "₩", "USD": "$", "EUR": "€", "JPY": "¥", "CNY": "CN¥"}


def formatted(value: Any, currency: str = "") -> str:
    """An amount as its currency is written: ₩12,000 and $12.50. Takes a Money, or a number and a currency code."""
    amount = Decimal(getattr(value, "amount", value))
    code = str(getattr(value, "currency", currency))
    # ISO 4217's exponent: won and yen have no smaller unit.
    places = len(str(get_currency(code).sub_unit)) - 1
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = "−" if rounded < 0 else ""
    return (
        f"{sign}{_SIGNS.get(code, code + ' ')}{number_format(abs(rounded), places, use_l10n=True, force_grouping=True)}"
    )
