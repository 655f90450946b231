"""Where the provider believes the store to be: messages are kept here until the storm brings them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.test import override_settings


class Mailbox:
    def __init__(self, provider_state: Path) -> None:
        self._kept: list[bytes] = []
        self._lock = threading.Lock()
        self._provider_state = provider_state
        box = self

        class Slot(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with box._lock:
                    box._kept.append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def take(self) -> list[bytes]:
        with self._lock:
            taken, self._kept = self._kept, []
        return taken

    def settle(self, patience: float = 60) -> None:
        """Wait until the provider has nothing more to say."""
        until = time.monotonic() + patience
        while self._unsaid() and time.monotonic() < until:
            time.sleep(0.05)

    def _unsaid(self) -> bool:
        with closing(sqlite3.connect(f"file:{self._provider_state / 'sandbox.sqlite3'}?mode=ro", uri=True)) as books:
            waiting = books.execute("SELECT count(*) FROM webhook WHERE delivered_at IS NULL").fetchone()[0]
            settling = books.execute("SELECT count(*) FROM intent WHERE state = 'processing'").fetchone()[0]
        return bool(waiting or settling)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def pointed_at(sandbox: Any, mailbox: Mailbox) -> Iterator[None]:
    """The store uses this provider, and the provider tells the mailbox."""
    with override_settings(
        PAYMENT_PROVIDER="orders.payment.sandbox.SandboxProvider",
        PAYMENT_SANDBOX_URL=sandbox.url,
        PAYMENT_SANDBOX_KEY=sandbox.key,
        PAYMENT_WEBHOOK_SECRET=sandbox.webhook_secret,
        BASE_URL=mailbox.url,
    ):
        yield
