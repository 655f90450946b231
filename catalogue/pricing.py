"""In which currency a shopper sees prices, and how an amount is written in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from catalogue.languages import current_language

if TYPE_CHECKING:
    from django.http import HttpRequest


def currency_for(request: HttpRequest | None) -> str:
    """The currency of this shopper: won on Korean pages, else the store's own.

    The request is asked for, so that a choice of currency can be honoured here and nowhere else.
    """
    language = getattr(request, "LANGUAGE_CODE", None) or current_language()
    if language.startswith("ko") and "KRW" in settings.CURRENCIES:
        return "KRW"
    return settings.DEFAULT_CURRENCY
