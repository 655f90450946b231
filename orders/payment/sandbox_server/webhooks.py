"""Delivers every webhook at least once: rows wait in the books until the shop has said yes, whatever dies meanwhile."""

from __future__ import annotations

import logging
import sqlite3
import threading

import requests

from orders.payment import signature
from orders.payment.sandbox_server.payments import Payments

logger = logging.getLogger(__name__)

TIME_LIMITS = (3.05, 10)
LONGEST_PAUSE_SECONDS = 10 * 60
# With pauses that double from one second to ten minutes, about three hours of a shop that is down.
ATTEMPTS_ALLOWED = 25
# A safety net only: every change wakes the thread by itself.
LONGEST_NAP_SECONDS = 30


class Courier(threading.Thread):
    """The one background thread: lets time settle payments, then delivers what is due."""

    def __init__(self, payments: Payments, secret: str, *, retry_seconds: float = 1) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._payments = payments
        self._store = payments.store
        self._secret = secret
        self._retry_seconds = retry_seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        # Whoever restarts the sandbox wants the news now, not after the pause that the last failure earned.
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE webhook SET next_attempt_at = ? WHERE delivered_at IS NULL AND parked_at IS NULL",
                (self._payments.clock(),),
            )
        while not self._stopped.is_set():
            self._store.changed.clear()
            try:
                self._payments.settle_due()
                self.deliver_due()
                nap = self._nap()
            except sqlite3.Error:
                logger.exception("The books could not be read; trying again.")
                nap = 1.0
            self._store.changed.wait(nap)

    def stop(self) -> None:
        self._stopped.set()
        self._store.changed.set()

    def deliver_due(self) -> None:
        with self._store.reading() as connection:
            due = connection.execute(
                "SELECT id, url, body, attempts FROM webhook WHERE delivered_at IS NULL AND parked_at IS NULL"
                " AND next_attempt_at <= ? ORDER BY next_attempt_at, rowid",
                (self._payments.clock(),),
            ).fetchall()
        for row in due:
            if self._stopped.is_set():
                return
            self._deliver(row)

    def _deliver(self, row: sqlite3.Row) -> None:
        error = self._post(row["url"], row["body"])
        now = self._payments.clock()
        attempts = row["attempts"] + 1
        pause = min(self._retry_seconds * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE webhook SET attempts = :attempts, last_error = :error, next_attempt_at = :next,"
                " delivered_at = :delivered, parked_at = :parked WHERE id = :id",
                {
                    "attempts": attempts,
                    "error": error,
                    "next": now + pause,
                    "delivered": None if error else now,
                    "parked": now if error and attempts >= ATTEMPTS_ALLOWED else None,
                    "id": row["id"],
                },
            )
        outcome = f"refused ({error}); attempt {attempts}" if error else "delivered"
        logger.info("webhook %s %s", row["id"], outcome)

    def _post(self, url: str, body: bytes) -> str:
        """Empty when the shop said yes, else a word on what went wrong."""
        # Signed anew at each attempt: a message that waited is not stale.
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "kmall24-payment-sandbox",
            signature.HEADER: signature.sign(self._secret, body, int(self._payments.clock())),
        }
        try:
            with requests.Session() as session:
                session.trust_env = False
                with session.post(
                    url, data=body, headers=headers, timeout=TIME_LIMITS, allow_redirects=False, stream=True
                ) as answer:
                    return "" if 200 <= answer.status_code < 300 else f"status {answer.status_code}"
        except requests.RequestException as error:
            return type(error).__name__

    def _nap(self) -> float:
        with self._store.reading() as connection:
            next_webhook = connection.execute(
                "SELECT min(next_attempt_at) FROM webhook WHERE delivered_at IS NULL AND parked_at IS NULL"
            ).fetchone()[0]
        due = [moment for moment in (next_webhook, self._payments.next_due()) if moment is not None]
        if not due:
            return LONGEST_NAP_SECONDS
        return min(max(min(due) - self._payments.clock(), 0.01), LONGEST_NAP_SECONDS)
