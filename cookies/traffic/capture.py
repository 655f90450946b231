"""What a page view is, and what of it is kept: never an address, a user agent, a path or a query."""

from __future__ import annotations

import re
import time
from functools import cache
from urllib.parse import urlsplit

from crawleruseragents import CRAWLER_PATTERNS
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language

from cookies import consent, inventory
from cookies.traffic import buffer, visitor
from cookies.traffic.hit import Hit

# Behind these there are no pages of the store.
_NOT_THE_SHOP = ("admin/", "api/", "payments/", ".well-known/", "healthz", "readyz")
_HOST = re.compile(r"(?=.{1,100}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)|Kindle|Silk/")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Phone")
# Classes by the hash of the user agent: the text itself is not kept, not even in memory.
_classes: dict[int, str] = {}
_CLASSES_KEPT = 4096
_ROBOT = ""


def observe(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep a hit when this was a page view of somebody who permits it. No SQL; Valkey at most once a day."""
    if not is_page_view(request, response) or not consent.permits(request, inventory.TRAFFIC):
        return
    device = device_class(request)
    if device == _ROBOT:
        return
    name = visitor.admit(request, response)
    hour = int(time.time()) // 3600
    key = visitor.key_of(name, hour)
    if key is None:
        return
    page = template_of(request.resolver_match.route)
    buffer.hits.add(Hit(hour, key, page, referrer_host(request), device, get_language() or settings.LANGUAGE_CODE))


def is_page_view(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A page of the shop that was asked for by a person's click: a whole one, delivered, seen by no staff."""
    match = request.resolver_match
    if request.method != "GET" or response.status_code != 200 or match is None:
        return False
    if not response.get("Content-Type", "").startswith("text/html"):
        return False
    if match.route.startswith(_NOT_THE_SHOP) or "prefetch" in request.META.get("HTTP_SEC_PURPOSE", ""):
        return False
    if request.META.get("HTTP_HX_REQUEST") == "true" and request.META.get("HTTP_HX_BOOSTED") != "true":
        return False
    # Only when the page itself has asked who is there: the header of every page does, and a count costs no SQL.
    user = request.__dict__.get("_cached_user")
    return not getattr(user, "is_staff", False)


@cache
def template_of(route: str) -> str:
    """The path's template, the same in every language: `/products/<slug:slug>/`, whatever product was looked at."""
    return ("/" + _language_prefix().sub("", route))[:200]


@cache
def _language_prefix() -> re.Pattern[str]:
    codes = "|".join(re.escape(code) for code, _name in settings.LANGUAGES)
    return re.compile(rf"^(?:{codes})/")


def referrer_host(request: HttpRequest) -> str:
    """The host of the site that led here, "" when it was our own, none or not a name."""
    sent = request.META.get("HTTP_REFERER", "")
    if not sent.startswith(("http://", "https://")):
        return ""
    try:
        host = (urlsplit(sent).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
    # Checked against ALLOWED_HOSTS before any page was made.
    own = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    own = own.partition(":")[0].lower().removeprefix("www.")
    return host if host != own and _HOST.fullmatch(host) else ""


def device_class(request: HttpRequest) -> str:
    """`phone`, `tablet` or `desktop`; "" for a robot, or for a client that does not say what it is."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    known = _classes.get(hash(agent))
    if known is None:
        if len(_classes) >= _CLASSES_KEPT:
            _classes.clear()
        known = _classes[hash(agent)] = _classify(agent)
    if known != _ROBOT and request.META.get("HTTP_SEC_CH_UA_MOBILE") == "?1":
        return "phone"
    return known


def _classify(agent: str) -> str:
    if not agent or CRAWLER_PATTERNS.case_insensitive.search(agent):
        return _ROBOT
    if _TABLET.search(agent):
        return "tablet"
    return "phone" if _PHONE.search(agent) else "desktop"
