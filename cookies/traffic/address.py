"""What of an address is kept: a page's template, another site's host; never a path, a query or a slug."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

# Behind these there are no pages of the store.
NOT_THE_SHOP = ("admin/", "api/", "payments/", ".well-known/", "healthz", "readyz")
_HOST = re.compile(r"(?=.{1,100}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
# Routes that are regular expressions, or whose value may hold a slash: none of them is a page that is linked from.
_NOT_BY_PARTS = re.compile(r"[\^$()]|<path:")
# Keys that no part of a path can be.
_ANY, _TEMPLATE = "<>", "/"
# What an address came to, by its hash: the address itself is not kept, not even in memory.
_known: dict[int, tuple[str, str]] = {}
_KEPT = 8192


@cache
def template_of(route: str) -> str:
    """The path's template, the same in every language: `/products/<slug:slug>/`, whatever product was looked at."""
    return ("/" + _language_prefix().sub("", route))[:200]


def origin_of(request: HttpRequest) -> tuple[str, str]:
    """Where a page view came from: the host of another site, or the template of a page of ours; "" where there is none."""
    sent = request.META.get("HTTP_REFERER")
    if not sent:
        return "", ""
    # Checked against ALLOWED_HOSTS before any page was made.
    own = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    key = hash((sent, own))
    origin = _known.get(key)
    if origin is None:
        if len(_known) >= _KEPT:
            _known.clear()
        origin = _known[key] = _read(sent, own)
    return origin


def _read(sent: str, own: str) -> tuple[str, str]:
    if not sent.startswith(("http://", "https://")):
        return "", ""
    try:
        parts = urlsplit(sent)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return "", ""
    if host == own.partition(":")[0].lower().removeprefix("www."):
        return "", _template_at(parts.path)
    return (host, "") if _HOST.fullmatch(host) else ("", "")


def _template_at(path: str) -> str:
    """The template behind a path of ours. Django's own resolver takes thirty times as long, and here only pages ask."""
    branch = _tree(settings.ROOT_URLCONF)
    for part in _language_prefix().sub("", path.removeprefix("/")).split("/"):
        branch = branch.get(part) or branch.get(_ANY) or {}
    return branch.get(_TEMPLATE, "")


@cache
def _tree(urlconf: str) -> dict[str, Any]:
    """Every page's template by the parts of its path; a part that is filled in stands under `_ANY`."""
    tree: dict[str, Any] = {}
    with override(settings.LANGUAGE_CODE):
        for route in _routes(get_resolver(urlconf).url_patterns, ""):
            if route.startswith(NOT_THE_SHOP) or _NOT_BY_PARTS.search(route):
                continue
            branch = tree
            for part in route.split("/"):
                branch = branch.setdefault(_ANY if part.startswith("<") else part, {})
            branch.setdefault(_TEMPLATE, template_of(route))
    return tree


def _routes(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


@cache
def _language_prefix() -> re.Pattern[str]:
    codes = "|".join(re.escape(code) for code, _name in settings.LANGUAGES)
    return re.compile(rf"^(?:{codes})/")
