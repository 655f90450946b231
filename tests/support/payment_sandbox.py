"""The payment sandbox as a process of its own, and a shop that hears its webhooks, for any test that pays."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orders.payment.sandbox import SandboxProvider

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20


class PaymentSandbox:
    """Start, kill and start again: the state and the port stay the same."""

    key = "key-of-the-test-shop"
    webhook_secret = "secret-of-the-test-shop"

    def __init__(self, folder: Path, *options: str) -> None:
        self.state = folder / "state"
        self.log_path = folder / "sandbox.log"
        self._options = options
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> PaymentSandbox:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PAYMENT_", "DJANGO_"))
        } | {"PAYMENT_SANDBOX_KEY": self.key, "PAYMENT_WEBHOOK_SECRET": self.webhook_secret}
        command = [sys.executable, "-m", "orders.payment.sandbox_server", "--port", str(self._port)]
        with self.log_path.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--state", str(self.state), *self._options],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self._process.stdout.readline()
        if not line.startswith("listening on "):
            self._process.wait(PATIENCE_SECONDS)
            self._process.stdout.close()
            raise AssertionError(f"The payment sandbox did not start: {self.log()}")
        self.url = line.removeprefix("listening on ").strip()
        self._port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would: no handler runs."""
        self._end(signal.SIGKILL)

    def provider(self) -> SandboxProvider:
        return SandboxProvider(self.url, self.key, self.webhook_secret)

    def log(self) -> str:
        return self.log_path.read_text()

    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.state / "ledger.jsonl").read_text().splitlines()]

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()
        self._process = None


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


class Shop:
    """An address that webhooks are sent to; `status` is what it answers."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Heard] = queue.Queue()
        self.status = 204
        shop = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(shop.status)
                self.end_headers()
                shop.heard.put(Heard(self.path, dict(self.headers), body))

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def next_webhook(self, kind: str = "") -> Heard:
        """The next message, or the next of that kind."""
        while True:
            heard = self.heard.get(timeout=PATIENCE_SECONDS)
            if not kind or heard.event["kind"] == kind:
                return heard

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def payment_sandbox(tmp_path: Path) -> Iterator[PaymentSandbox]:
    sandbox = PaymentSandbox(tmp_path, "--slow-seconds", "0.3", "--retry-seconds", "0.05").start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def listening_shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()
