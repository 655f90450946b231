"""What the base template needs on every page, without a question to the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import get_language

from catalogue.languages import current_language
from catalogue.pricing import currency_for
from catalogue.queries import Card, cards_of, navigation
from cookies import preferences
from orders.cookie import badge


def store(request: HttpRequest) -> dict[str, Any]:
    """Names of the store, the shelves, the pieces in the basket, and this page in the other languages."""

    def languages() -> list[dict[str, Any]]:
        return [
            {"code": code, "name": _OWN_NAMES[code], "url": translate_url(request.get_full_path(), code)}
            for code, _name in settings.LANGUAGES
        ]

    def viewed() -> list[Card]:
        slugs = preferences.of(request).viewed
        here = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
        others = [slug for slug in slugs if slug != here]
        return cards_of(others, current_language(), currency_for(request)) if others else []

    def shelves() -> list[dict[str, Any]]:
        liked = preferences.of(request).interests
        return sorted(navigation(), key=lambda shelf: shelf["slug"] not in liked)

    return {
        "viewed_goods": SimpleLazyObject(viewed),
        "liked_first": SimpleLazyObject(shelves),
        "currency": currency_for(request),
        "store_name": settings.OPERATOR_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "privacy_mailbox": settings.PRIVACY_MAILBOX,
        "languages": lazy(languages, list)(),
        "language": get_language(),
        "navigation": lazy(navigation, list)(),
        "basket_count": lazy(lambda: badge(request), int)(),
    }


# A language is named in itself, for whoever looks for it.
_OWN_NAMES = {"en": "English", "ko": "한국어"}
