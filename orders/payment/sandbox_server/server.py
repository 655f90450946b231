"""Puts the sandbox together and serves it: one process, a thread for each request, one thread for what time brings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from orders.payment.sandbox_server.api import Api
from orders.payment.sandbox_server.pages import Pages
from orders.payment.sandbox_server.payments import Payments
from orders.payment.sandbox_server.store import Store
from orders.payment.sandbox_server.webhooks import Courier
from orders.payment.sandbox_server.wsgi import Application

# A client that stops talking in the middle of a request gives its thread back after that many seconds.
SILENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Options:
    state: Path
    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    merchant: str = "KMALL24"
    slow_seconds: float = 3
    expire_seconds: float = 30 * 60
    hold_seconds: float = 7 * 24 * 3600
    account: str = "acct_kmall24"
    retry_seconds: float = 1


class Sandbox:
    """A running sandbox: `url` is known once the object exists, `serve` returns after `stop`."""

    def __init__(self, options: Options) -> None:
        store = Store(options.state)
        payments = Payments(
            store,
            slow_seconds=options.slow_seconds,
            expire_seconds=options.expire_seconds,
            hold_seconds=options.hold_seconds,
            account=options.account,
        )
        application = Application(
            Api(payments, options.key, lambda: self.url).routes() + Pages(payments, options.merchant).routes()
        )
        try:
            self._server = listen(options.host, options.port, application)
        except OSError:
            store.close()
            raise
        shown_host = "127.0.0.1" if options.host in {"0.0.0.0", ""} else options.host  # noqa: S104 (compared, not bound)
        self.url = options.public_url.rstrip("/") or f"http://{shown_host}:{self._server.server_port}"
        self._store = store
        self._courier = Courier(payments, options.webhook_secret, retry_seconds=options.retry_seconds)

    def serve(self) -> None:
        self._courier.start()
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._courier.stop()
            self._courier.join(timeout=15)
            self._server.server_close()
            self._store.close()

    def stop(self) -> None:
        """To be called from another thread than the one that serves."""
        self._server.shutdown()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # WSGIServer would ask the name service for the host's full name, which can take seconds.
        super(WSGIServer, self).server_bind()
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; anything else was logged where it happened."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(WSGIRequestHandler):
    timeout = SILENCE_SECONDS
    server_version = "PaymentSandbox"
    sys_version = ""

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the raw request line may hold anything, and the application logs what is worth logging."""

    def address_string(self) -> str:
        return self.client_address[0]


def listen(host: str, port: int, application: Callable[..., Any]) -> WSGIServer:
    ServerHandler.server_software = "PaymentSandbox"
    server = _Server((host, port), _Handler)
    server.set_app(application)
    return server
