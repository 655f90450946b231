"""What the base template needs on every page, without a question to the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.encoding import iri_to_uri
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, override

from catalogue.pricing import currency_for
from catalogue.queries import navigation
from kmall24.preferring import shaping
from orders.cookie import badge


def store(request: HttpRequest) -> dict[str, Any]:
    """Names of the store, the shelves, the pieces in the basket, and this page in the other languages."""

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
        "languages": SimpleLazyObject(lambda: _in_each_language(request)),
        "language": get_language(),
        "navigation": SimpleLazyObject(navigation),
        # A template calls it, where it shows it.
        "basket_count": lambda: badge(request),
    }


def _in_each_language(request: HttpRequest) -> list[dict[str, str]]:
    here = request.get_full_path()
    return [
        {"code": code, "name": _OWN_NAMES[code], "url": _in_language(request, here, code)}
        for code, _name in settings.LANGUAGES
    ]


def _in_language(request: HttpRequest, here: str, code: str) -> str:
    """The address of this page in a language, from how it was found; what has no other address keeps its own."""
    match = request.resolver_match
    if match is None:
        return here
    with override(code):
        try:
            path = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except NoReverseMatch:
            return here
    question = request.META.get("QUERY_STRING", "")
    return f"{path}?{iri_to_uri(question)}" if question else path


# A language is named in itself, for whoever looks for it.
_OWN_NAMES = {"en": "English", "ko": "한국어"}
