"""A connection that answered a moment ago and that nobody has hung up on is used without asking first."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

# One that was idle for longer is asked: between it and the server something may have forgotten it without a word.
TRUSTED_FOR = 5  # seconds


class DatabaseWrapper(base.DatabaseWrapper):
    """Saves each page one of its few round trips. A server that went away has closed the socket, which costs nothing to see."""

    _answered_at = float("-inf")

    def is_usable(self) -> bool:
        now = time.monotonic()
        usable = (now - self._answered_at < TRUSTED_FOR and self._is_at_rest()) or super().is_usable()
        self._answered_at = now if usable else float("-inf")
        return usable

    def connect(self) -> None:
        self._answered_at = float("-inf")
        super().connect()

    def _is_at_rest(self) -> bool:
        """Whether nothing failed on it and nothing came in since the last answer: no farewell and no message."""
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return False
        came = select.poll()
        came.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
        return not came.poll(0)
