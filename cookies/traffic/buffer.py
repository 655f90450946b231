"""Page views in the memory of this process, handed to Valkey twice a second; bounded, whatever happens to Valkey."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter, deque

from redis.exceptions import RedisError

from cookies.models.traffic import Dimension
from cookies.traffic import store
from cookies.traffic.hit import SEPARATOR, Hit, Tally, encode, encode_tally

logger = logging.getLogger(__name__)

FLUSH_EVERY = 0.5  # seconds: what a killed process can lose
FLUSH_AT = 500  # hits in one command
# About 10 MB. Beyond it the oldest are dropped and counted as dropped.
LIMIT = 20_000
# Seconds between two tries while Valkey does not answer.
LONGEST_PAUSE = 5.0
# Seconds after which the sender names itself again, in case Valkey came back empty.
REGISTER_EVERY = 60.0


class HitBuffer:
    """Collects hits of all threads of one process. A forked child begins with an empty one of its own."""

    def __init__(self, *, limit: int = LIMIT, in_background: bool = True) -> None:
        self.limit = limit
        self.in_background = in_background
        self.reset()

    def reset(self) -> None:
        """Forget everything: what a child finds after a fork is its parent's, and the parent sends it."""
        self.waiting: deque[Hit] = deque()
        self.tallies: Counter[tuple[int, str, str]] = Counter()
        self.sender = f"{socket.gethostname()[:40]}.{os.getpid()}.{secrets.token_hex(4)}"
        # A hand-over whose outcome is not known is repeated as it was, under its number.
        self._under_way: tuple[int, list[str]] | None = None
        self._handed_over = 0
        self._registered_at = float("-inf")
        self._stuck_since: float | None = None
        self._lock = threading.Lock()
        self._one_flush = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, hit: Hit) -> None:
        """Keep one hit; costs less than a microsecond."""
        with self._lock:
            waiting = self.waiting
            waiting.append(hit)
            number = len(waiting)
            if number > self.limit:
                oldest = waiting.popleft()
                self.tallies[oldest.hour, Dimension.DROPPED.value, ""] += 1
        if self._thread is None:
            self._start()
        if number % FLUSH_AT == 0 and self._stuck_since is None:
            self._wake.set()

    def tally(self, hour: int, dimension: Dimension, value: str) -> None:
        """Keep one more of something that has no visitor."""
        with self._lock:
            self.tallies[hour, dimension.value, str(value)] += 1
        if self._thread is None:
            self._start()

    def flush(self) -> bool:
        """Hand everything over, at most `FLUSH_AT` hits a command. False when Valkey does not answer: it is kept."""
        with self._one_flush:
            while chunk := self._next_chunk():
                try:
                    self._register()
                    known = store.losses
                    store.push(self.sender, *chunk)
                    if store.losses != known:
                        # Valkey came back empty, and with the rest it lost the name under which these are looked for.
                        self._registered_at = float("-inf")
                        self._register()
                except RedisError as error:
                    self._registered_at = float("-inf")
                    if self._stuck_since is None:
                        self._stuck_since = time.monotonic()
                        logger.warning("Page views wait in memory: Valkey does not answer (%s).", type(error).__name__)
                    return False
                self._under_way = None
            self._stuck_since = None
        return True

    def stuck_for(self) -> float:
        """Seconds for which hits have been waiting here because Valkey does not answer."""
        since = self._stuck_since
        return 0.0 if since is None else time.monotonic() - since

    def forget(self, visitor: str) -> int:
        """Drop the hits of a visitor who took the permission back; how many there were."""
        with self._lock:
            before = len(self.waiting)
            self.waiting = deque(hit for hit in self.waiting if hit.visitor != visitor)
            removed = before - len(self.waiting)
        with self._one_flush:
            if self._under_way is not None:
                number, lines = self._under_way
                kept = [line for line in lines if not line.startswith(visitor + SEPARATOR)]
                removed += len(lines) - len(kept)
                self._under_way = (number, kept) if kept else None
        return removed

    def _next_chunk(self) -> tuple[int, list[str]] | None:
        if self._under_way is None:
            with self._lock:
                take = self.waiting.popleft
                hits = [take() for _ in range(min(FLUSH_AT, len(self.waiting)))]
                tallies, self.tallies = self.tallies, Counter()
            if hits or tallies:
                lines = [encode(hit) for hit in hits]
                lines += [encode_tally(Tally(*of, number)) for of, number in tallies.items()]
                self._handed_over += 1
                self._under_way = (self._handed_over, lines)
        return self._under_way

    def _register(self) -> None:
        now = time.monotonic()
        if now - self._registered_at > REGISTER_EVERY:
            store.register(self.sender)
            self._registered_at = now

    def _start(self) -> None:
        if not self.in_background:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="traffic-flush", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause = FLUSH_EVERY
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            try:
                pause = FLUSH_EVERY if self.flush() else min(pause * 2, LONGEST_PAUSE)
            except Exception:  # the thread must outlive whatever one flush meets
                logger.exception("Page views could not be handed over")


hits = HitBuffer()
os.register_at_fork(after_in_child=hits.reset)
# A gunicorn worker ends through `sys.exit`, so this is its last flush as well.
atexit.register(hits.flush)
