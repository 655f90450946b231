"""Where pages are kept: in the process, and sealed in Valkey for the other processes."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from kmall24.caching.page import Page

logger = logging.getLogger(__name__)

_NONCE = 12  # bytes
# A Valkey that does not answer costs one request so long, and then nobody asks it for a while.
_PATIENCE_SECONDS, _PAUSE_SECONDS = 0.1, 5


class Near:
    """The last pages of this process; the oldest makes room."""

    MOST = 512  # pages; of thirty kilobytes each they take fifteen megabytes

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, name: str) -> Page | None:
        return self._pages.get(name)

    def put(self, name: str, page: Page) -> None:
        with self._turn:
            self._pages[name] = page
            self._pages.move_to_end(name)
            while len(self._pages) > self.MOST:
                self._pages.popitem(last=False)


class Shared:
    """Pages in Valkey, for some seconds, under names and in a form that only this installation's processes can read.

    A page that shows what people wrote is not among them: what is erased must not have been copied out of the database.
    """

    # New pages in one lifetime; whoever asks for more addresses than there are pages worth keeping fills no memory.
    MOST = 4000
    PREFIX = "page:"

    def __init__(self) -> None:
        self._silent_until = 0.0

    def get(self, name: str) -> Page | None:
        if time.monotonic() < self._silent_until:
            return None
        try:
            sealed = _valkey().get(self.PREFIX + name)
        except RedisError as error:
            self._be_silent(error)
            return None
        if sealed is None:
            return None
        try:
            return Page.unpacked(_seal().decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode()))
        except (InvalidTag, ValueError, TypeError):
            return None  # of another key, or of another version of the store

    def put(self, name: str, page: Page) -> None:
        if page.shows_people or time.monotonic() < self._silent_until:
            return
        seconds = settings.PAGE_CACHE_SECONDS
        turn = f"{self.PREFIX}count:{int(page.made_at) // seconds}"
        try:
            client = _valkey()
            count = client.incr(turn)
            if count == 1:
                client.expire(turn, 2 * seconds)
            if count <= self.MOST:
                nonce = os.urandom(_NONCE)
                sealed = nonce + _seal().encrypt(nonce, page.packed(), name.encode())
                client.set(self.PREFIX + name, sealed, ex=seconds)
        except RedisError as error:
            self._be_silent(error)

    def _be_silent(self, error: RedisError) -> None:
        self._silent_until = time.monotonic() + _PAUSE_SECONDS
        logger.warning("Valkey keeps no pages for a while: %s", type(error).__name__)


@lru_cache(maxsize=1)
def _valkey() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
    )


@lru_cache(maxsize=1)
def _seal() -> AESGCM:
    return AESGCM(blake2b(settings.SECRET_KEY.encode(), person=b"page seal", digest_size=32).digest())
