"""The visitor key: the same for one visit on one day, and impossible to lead back once the day's salt is gone."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

from cookies.inventory import TRAFFIC_COOKIE
from cookies.traffic import buffer, store
from cookies.traffic.hit import day_of

_OURS = re.compile(r"[A-Za-z0-9_-]{22}")
_RETRY_AFTER = 1.0  # seconds in which no page asks again for a salt that could not be had

_salt: tuple[str, bytes] = ("", b"")
_no_salt_until = 0.0


def name_in(request: HttpRequest) -> str | None:
    """The random name of this visit, when the browser brings one that can be ours."""
    name = request.COOKIES.get(TRAFFIC_COOKIE, "")
    return name if _OURS.fullmatch(name) else None


def admit(request: HttpRequest, response: HttpResponseBase) -> str:
    """The name of this visit; a browser that has none is given one, until it is closed. Only after permission."""
    name = name_in(request)
    if name is None:
        name = secrets.token_urlsafe(16)
        response.set_cookie(TRAFFIC_COOKIE, name, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return name


def key_of(name: str, hour: int) -> str | None:
    """The keyed hash of a visit's name under the salt of the day, or None while there is no salt to be had."""
    salt = _salt_of(day_of(hour))
    if salt is None:
        return None
    return hashlib.blake2s(name.encode(), key=salt, digest_size=12).hexdigest()


def drop_visit(request: HttpRequest) -> int:
    """Remove every page view of this visit that is not counted yet; how many were found.

    When Valkey is away, what waits there cannot be reached; what waits in this process is dropped all the same.
    """
    name = name_in(request)
    key = key_of(name, int(time.time()) // 3600) if name else None
    if key is None:
        return 0
    removed = buffer.hits.forget(key)
    try:
        removed += store.forget(key)
    except RedisError:
        return removed
    return removed


def forget_salt() -> None:
    """Forget the salt that this process remembers."""
    global _salt, _no_salt_until
    _salt, _no_salt_until = ("", b""), 0.0


def _salt_of(day: str) -> bytes | None:
    global _salt, _no_salt_until
    if _salt[0] == day:
        return _salt[1]
    if time.monotonic() < _no_salt_until:
        return None
    try:
        _salt = (day, bytes.fromhex(store.salt_of(day, secrets.token_hex(32))))
    except (RedisError, ValueError):
        _no_salt_until = time.monotonic() + _RETRY_AFTER
        return None
    return _salt[1]
