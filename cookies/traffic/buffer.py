"""Page views in the memory of this process, handed to Valkey twice a second; bounded, whatever happens to Valkey."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import uuid
from collections import deque

from redis.exceptions import RedisError

from cookies.traffic import store
from cookies.traffic.hit import Hit, encode, encode_dropped

logger = logging.getLogger(__name__)

FLUSH_EVERY = 0.5  # seconds: what a killed process can lose
FLUSH_AT = 500  # hits in one command
# About 4 MB. Beyond it the oldest are dropped and counted as dropped.
LIMIT = 20_000


class HitBuffer:
    """Collects hits of all threads of one process. A forked child begins with an empty one of its own."""

    def __init__(self, *, limit: int = LIMIT, in_background: bool = True) -> None:
        self.limit = limit
        self.in_background = in_background
        self.reset()

    def reset(self) -> None:
        """Forget everything: what a child finds after a fork is its parent's, and the parent sends it."""
        self.waiting: deque[Hit] = deque()
        self.dropped = 0
        # A hand-over whose outcome is not known is repeated as it was, under its id.
        self._under_way: tuple[str, list[str]] | None = None
        self._lock = threading.Lock()
        self._one_flush = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def add(self, hit: Hit) -> None:
        """Keep one hit; costs about a microsecond."""
        with self._lock:
            self.waiting.append(hit)
            if len(self.waiting) > self.limit:
                self.waiting.popleft()
                self.dropped += 1
            full = len(self.waiting) >= FLUSH_AT
        if self.in_background:
            if self._thread is None or not self._thread.is_alive():
                self._start()
            if full:
                self._wake.set()

    def flush(self) -> bool:
        """Hand everything over, at most `FLUSH_AT` hits a command. False when Valkey does not answer: it is kept."""
        with self._one_flush:
            while chunk := self._next_chunk():
                try:
                    store.push(*chunk)
                except RedisError as error:
                    logger.warning("Page views wait in memory: Valkey does not answer (%s).", type(error).__name__)
                    return False
                self._under_way = None
        return True

    def forget(self, visitor: str) -> int:
        """Drop the hits of a visitor who took the permission back; how many there were."""
        with self._lock:
            before = len(self.waiting)
            self.waiting = deque(hit for hit in self.waiting if hit.visitor != visitor)
            removed = before - len(self.waiting)
        with self._one_flush:
            if self._under_way is not None:
                chunk_id, lines = self._under_way
                kept = [line for line in lines if f"\t{visitor}\t" not in line]
                removed += len(lines) - len(kept)
                self._under_way = (chunk_id, kept) if kept else None
        return removed

    def _next_chunk(self) -> tuple[str, list[str]] | None:
        if self._under_way is None:
            with self._lock:
                number = min(FLUSH_AT, len(self.waiting))
                lines = [encode(self.waiting.popleft()) for _ in range(number)]
                if self.dropped:
                    lines.append(encode_dropped(int(time.time()) // 3600, self.dropped))
                    self.dropped = 0
            if lines:
                self._under_way = (uuid.uuid4().hex, lines)
        return self._under_way

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="traffic-flush", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wake.wait(FLUSH_EVERY)
            self._wake.clear()
            try:
                self.flush()
            except Exception:  # the thread must outlive whatever one flush meets
                logger.exception("Page views could not be handed over")


hits = HitBuffer()
os.register_at_fork(after_in_child=hits.reset)
# A gunicorn worker ends through `sys.exit`, so this is its last flush as well.
atexit.register(hits.flush)
