"""Which requests may be answered with a page that was made for somebody else, and under which name it is kept."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from cookie_consent.conf import settings as consent_settings
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.urls import reverse
from django.utils import translation

from cookies import consent
from cookies.models.traffic import Robot
from cookies.traffic.capture import device_class
from privacy.gpc import asks_for_privacy

if TYPE_CHECKING:
    from django.http import HttpRequest

# What these show depends on nothing but the goods, the address, and what `name_of` puts into the name.
PUBLIC_VIEWS = frozenset({"home", "catalogue:list", "catalogue:product", "catalogue:search"})
_PARAMETERS = frozenset({"category", "sort", "page", "in_stock", "variant", "q"})
_LONGEST_QUERY = 300  # signs
# A search with so many digits may be a card number; the page that refuses it is made anew each time.
_MANY_DIGITS = 13


def name_of(request: HttpRequest) -> str | None:
    """The name of the page that this request may share with others, or None when it may share none.

    Who signs in, fills a basket, chooses a currency, permits a cookie or is being told something brings a cookie, and gets
    a page of their own. So does a robot that names itself, because its visits are counted.
    """
    if request.method != "GET" or not _is_public(request.path_info) or "HTTP_AUTHORIZATION" in request.META:
        return None
    if not request.COOKIES.keys() <= {settings.CSRF_COOKIE_NAME, consent_settings.COOKIE_CONSENT_NAME}:
        return None
    query = request.META.get("QUERY_STRING", "")
    if query and not _is_plain(request, query):
        return None
    part = _part(request)
    if part is None or device_class(request.META.get("HTTP_USER_AGENT", ""), None) is Robot.LISTED:
        return None
    answer = consent.answer_of(request)
    if answer is not None and answer.permitted:
        return None
    try:
        host = request.get_host()
    except SuspiciousOperation:
        return None
    asked = "answered" if answer is not None else "asked"
    gpc = "gpc" if asks_for_privacy(request) else ""
    told = "\n".join((request.scheme or "", host, request.path_info, query, part, asked, gpc))
    # Keyed, since what somebody searches for may say who they are.
    return blake2b(told.encode("utf-8", "surrogateescape"), key=_secret(), digest_size=20).hexdigest()


def _is_public(path: str) -> bool:
    exact, below = _addresses()
    return path in exact or path.startswith(below)


@lru_cache(maxsize=1)
def _addresses() -> tuple[frozenset[str], tuple[str, ...]]:
    """The addresses of the public pages in every language, and what those of the products begin with."""
    exact, below = set(), set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            exact |= {reverse(name) for name in ("home", "catalogue:list", "catalogue:search")}
            below.add(reverse("catalogue:list"))
    return frozenset(exact), tuple(sorted(below))


def _is_plain(request: HttpRequest, query: str) -> bool:
    if len(query) > _LONGEST_QUERY or not request.GET.keys() <= _PARAMETERS:
        return False
    return sum(sign.isdecimal() for sign in request.GET.get("q", "")) < _MANY_DIGITS


def _part(request: HttpRequest) -> str | None:
    """The whole page, or the goods alone as htmx asks for them; None for anything else that a script may ask for."""
    if "HTTP_HX_REQUEST" not in request.META:
        return "page"
    return "goods" if request.META.get("HTTP_HX_TARGET") == "goods" else None


@lru_cache(maxsize=1)
def _secret() -> bytes:
    return blake2b(settings.SECRET_KEY.encode(), person=b"page names").digest()
