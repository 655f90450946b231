"""Every page of the store that a person can open, found by walking its addresses, so that none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

# What no person reads: files, documents for programs, and what is the staff's.
_NOT_FOR_PEOPLE = (
    "admin/",
    "api/",
    "payments/",
    "parcels/",
    ".well-known/",
    "healthz",
    "readyz",
    "robots.txt",
    "sitemap",
)


def addresses_without_parts() -> list[str]:
    """Every address that is complete as it stands, in English."""
    with override(settings.LANGUAGE_CODE):
        found = {f"/{route}" for route in _routes(get_resolver(), "") if not re.search(r"[<(]", route)}
    return sorted(address for address in found if not address[1:].startswith(_NOT_FOR_PEOPLE))


def pages_for(browser: Client) -> list[str]:
    """Those among them that answer this browser with a page."""
    return [address for address in addresses_without_parts() if _is_page(browser, address)]


def _is_page(browser: Client, address: str) -> bool:
    answer = browser.get(address)
    return answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html")


def _routes(branch: URLResolver, before: str) -> Iterator[str]:
    for pattern in branch.url_patterns:
        route = before + re.sub(r"[\^$]", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route
