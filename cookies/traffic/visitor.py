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

# The hash of nothing under the day's salt, from which each key is continued: keying it anew would cost twice as much.
_salted: tuple[str, hashlib.blake2s, int] | None = None
_no_salt_until = 0.0


def name_in(request: HttpRequest) -> str | None:
    """The random name of this visit, when the browser brings one that can be ours."""
    name = request.COOKIES.get(TRAFFIC_COOKIE)
    return name if name is not None and _OURS.fullmatch(name) else None


def admit(request: HttpRequest, response: HttpResponseBase) -> tuple[str, bool]:
    """The name of this visit, and whether it was given just now: until the browser is closed. Only after permission."""
    name = name_in(request)
    if name is not None:
        return name, False
    name = secrets.token_urlsafe(16)
    response.set_cookie(TRAFFIC_COOKIE, name, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return name, True


def key_of(name: str, hour: int) -> str | None:
    """The keyed hash of a visit's name under the salt of the day, or None while there is no salt to be had."""
    salted = salt_of(hour)
    return None if salted is None else key_under(salted, name)


def key_under(salted: hashlib.blake2s, name: str) -> str:
    """The keyed hash of a visit's name."""
    salted = salted.copy()
    salted.update(name.encode())
    return salted.hexdigest()


def drop_visit(request: HttpRequest) -> int:
    """Remove every page view of this visit that is not counted yet; how many were found.

    When Valkey is away, what waits there cannot be reached; what waits in this process is dropped all the same. Just
    after midnight the visit has two keys.
    """
    name = name_in(request)
    if name is None:
        return 0
    now = time.time()
    removed = 0
    for hour in {day_of(int(at) // 3600): int(at) // 3600 for at in (now - store.WITHDRAWAL_HOLDS, now)}.values():
        key = key_of(name, hour)
        if key is None:
            continue
        removed += buffer.hits.forget(key)
        try:
            removed += store.forget(key)
        except RedisError:
            continue
    return removed


def forget_salt() -> None:
    """Forget the salt that this process remembers."""
    global _salted, _no_salt_until
    _salted, _no_salt_until = None, 0.0


def salt_of(hour: int) -> hashlib.blake2s | None:
    """The hash of nothing under the salt of the day in which an hour lies; None while there is none to be had."""
    global _salted, _no_salt_until
    day, known = day_of(hour), _salted
    if known is not None and known[0] == day and known[2] == store.losses:
        return known[1]
    if time.monotonic() < _no_salt_until:
        return None
    try:
        losses = store.losses
        salt = bytes.fromhex(store.salt_of(day, secrets.token_hex(32)))
    except (RedisError, ValueError):
        _no_salt_until = time.monotonic() + _RETRY_AFTER
        return None
    salted = hashlib.blake2s(key=salt, digest_size=12)
    _salted = (day, salted, losses)
    return salted
