"""What a page view is, and what of it is kept: never an address, a user agent, a path or a query."""

from __future__ import annotations

import re
from time import time

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from cookies import consent, inventory
from cookies.models.traffic import Dimension, Robot
from cookies.traffic import buffer, robots, visitor
from cookies.traffic.address import NOT_THE_SHOP, origin_of, template_of
from cookies.traffic.hit import EVERYWHERE, Hit

_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)|Kindle|Silk/")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Phone")
# A member of an enumeration takes its time to be found, and each page view asks.
_LISTED, _UNNAMED = Robot.LISTED, Robot.UNNAMED
_COUNTRY = re.compile(r"[A-Z]{2}")
# What some proxies send for an address they cannot place.
_NO_COUNTRY = {"XX", "ZZ"}
_SLUG = re.compile(r"[-\w]{1,100}", re.ASCII)
# Classes by the hash of the user agent: the text itself is not kept, not even in memory.
_classes: dict[int, str] = {}
_CLASSES_KEPT = 8192


def observe(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep a hit when this was a page view of somebody who permits it. No SQL; Valkey at most once a day.

    A robot that names itself is counted as one, and nothing else of it: a machine has no permission to give.
    """
    meta = request.META
    if not is_page_view(request, response):
        return
    device = device_class(meta.get("HTTP_USER_AGENT", ""), meta.get("HTTP_SEC_CH_UA_MOBILE"))
    hour = int(time()) // 3600
    if device is _LISTED:
        buffer.hits.tally(hour, Dimension.ROBOT, _LISTED)
        return
    if not consent.permits(request, inventory.TRAFFIC):
        return
    if device is _UNNAMED or "prefetch" in meta.get("HTTP_SEC_PURPOSE", ""):
        reason = Robot.UNNAMED if device is _UNNAMED else Robot.AHEAD
        buffer.hits.tally(hour, Dimension.ROBOT, reason)
        return
    salted = visitor.salt_of(hour)
    if salted is None:
        # Without a salt there is no key, and without a key nothing is kept and nobody gets a name.
        buffer.hits.tally(hour, Dimension.DROPPED, "")
        return
    name, entered = visitor.admit(request, response)
    referrer, came_from = origin_of(request)
    match = request.resolver_match
    buffer.hits.add(
        Hit(
            hour,
            visitor.key_under(salted, name),
            template_of(match.route),
            referrer,
            device,
            request.__dict__.get("LANGUAGE_CODE") or settings.LANGUAGE_CODE,
            country_of(request),
            # The page before the first counted one was not counted, so nobody can have gone on from it.
            "" if entered else came_from,
            entered,
            _searched_in_vain(response),
        )
    )


def is_page_view(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A page of the shop, whole and delivered, asked for by anybody but staff."""
    match = request.resolver_match
    if request.method != "GET" or response.status_code != 200 or match is None:
        return False
    if not response.headers.get("Content-Type", "").startswith("text/html") or match.route.startswith(NOT_THE_SHOP):
        return False
    meta = request.META
    if meta.get("HTTP_HX_REQUEST") == "true" and meta.get("HTTP_HX_BOOSTED") != "true":
        return False
    # Only when the page itself has asked who is there: the header of every page does, and a count costs no SQL.
    user = request.__dict__.get("_cached_user")
    return user is None or not getattr(user, "is_staff", False)


def device_class(agent: str, mobile: str | None = None) -> str:
    """`phone`, `tablet` or `desktop`; a member of `Robot` for what names itself a robot, or no browser at all.

    `mobile` is what the browser says in `Sec-CH-UA-Mobile`.
    """
    key = hash(agent)
    known = _classes.get(key)
    if known is None:
        if len(_classes) >= _CLASSES_KEPT:
            _classes.clear()
        known = _classes[key] = _classify(agent)
    return "phone" if mobile == "?1" and known == "desktop" else known


def country_of(request: HttpRequest) -> str:
    """The country that the proxy in front says the address is in; "" unless a header was configured for it."""
    header = settings.TRAFFIC_COUNTRY_HEADER
    if not header:
        return ""
    sent = request.META.get(header, "")
    return sent if _COUNTRY.fullmatch(sent) and sent not in _NO_COUNTRY else ""


def _searched_in_vain(response: HttpResponseBase) -> str:
    """The category in which a search found nothing; the search's view says so, and never what was searched for."""
    category = response.__dict__.get("found_nothing_in")
    if category is None:
        return ""
    return category if _SLUG.fullmatch(category) else EVERYWHERE


def _classify(agent: str) -> str:
    if not agent:
        return _UNNAMED
    if robots.is_listed(agent):
        return _LISTED
    if _TABLET.search(agent):
        return "tablet"
    return "phone" if _PHONE.search(agent) else "desktop"
