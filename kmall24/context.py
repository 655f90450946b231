"""What the base template needs on every page, without a question to the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.translation import get_language

from catalogue.pricing import currency_for
from catalogue.queries import navigation
from kmall24.preferring import shaping
from orders.cookie import badge


def store(request: HttpRequest) -> dict[str, Any]:
    """Names of the store, the shelves, the pieces in the basket, and this page in the other languages."""

    def languages() -> list[dict[str, Any]]:
        return [
            {"code": code, "name": _OWN_NAMES[code], "url": translate_url(request.get_full_path(), code)}
            for code, _name in settings.LANGUAGES
        ]

    looked_at = SimpleLazyObject(lambda: shaping.viewed(request))
    liked_first = SimpleLazyObject(lambda: shaping.shelves(request))

    return {
        "viewed_goods": looked_at,
        "liked_first": liked_first,
        "suggested": SimpleLazyObject(lambda: shaping.suggested(request, looked_at, liked_first)),
        "stop_shaping": SimpleLazyObject(shaping.stop),
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
