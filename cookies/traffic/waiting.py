"""Where hits wait between the web process and the count: Valkey, without persistence, under names that say what they are."""

from __future__ import annotations

import datetime as dt
import secrets
from functools import lru_cache

from django.conf import settings
from redis import Redis

HITS = "traffic:hits"
BATCH = "traffic:batch:"
SALT = "traffic:salt:"
VISITORS = "traffic:visitors:"
# Longer than the day it is for, shorter than anybody's patience.
_SALT_LIVES_SECONDS = 2 * 24 * 3600


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1)


def valkey() -> Redis:
    """The connection to Valkey; a short timeout, since no page waits for it."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=2)
def _salt_of(url: str, day: str) -> bytes:
    name = f"{SALT}{day}"
    _client(url).set(name, secrets.token_bytes(32), nx=True, ex=_SALT_LIVES_SECONDS)
    salt = _client(url).get(name)
    if not salt:
        raise ConnectionError("Valkey has no salt for today.")
    return salt


def salt_of(day: dt.date) -> bytes:
    """The day's salt: made by the first process that asks, the same for all, kept in memory only."""
    return _salt_of(settings.REDIS_URL, day.isoformat())


def forget_salts() -> None:
    """Ask Valkey again for the salt, after it was emptied."""
    _salt_of.cache_clear()
