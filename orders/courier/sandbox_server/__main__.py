"""`python -m orders.courier.sandbox_server`: starts the sandbox courier on loopback, or says why it cannot."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import requests

from orders.courier.sandbox_server.parcels import Parcel, Parcels
from orders.payment import signature
from orders.payment.sandbox_server.payments import PaymentRefused
from orders.payment.sandbox_server.server import listen
from orders.payment.sandbox_server.wsgi import Answer, Application, Request, Route, json_answer, route

TIME_LIMITS = (3.05, 10)
LONGEST_PAUSE_SECONDS = 600


class Sandbox:
    """The courier: its HTTP face, and a thread that moves parcels and tells the shop."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.parcels = Parcels(options.state)
        self._server = listen(options.host, options.port, Application(self._routes()))
        self.url = f"http://{options.host}:{self._server.server_port}"
        self._stopped = threading.Event()

    def serve(self) -> None:
        teller = threading.Thread(target=self._tell, daemon=True)
        teller.start()
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._stopped.set()
            self.parcels.changed.set()
            teller.join(timeout=15)
            self._server.server_close()
            self.parcels.close()

    def stop(self) -> None:
        self._server.shutdown()

    def _routes(self) -> list[Route]:
        return [
            route("POST", "/v1/parcels", self._proved(self._register)),
            route("GET", "/v1/parcels/<id>", self._proved(self._track)),
            route("POST", "/v1/parcels/<id>/withdraw", self._proved(self._withdraw)),
            route("POST", "/v1/parcels/<id>/forget", self._proved(self._forget)),
            route("POST", "/sandbox/parcels/<id>/scan", self._proved(self._scan)),
        ]

    def _proved(self, handler):  # type: ignore[no-untyped-def]
        def guarded(request: Request, **named: str) -> Answer:
            if request.headers.get("authorization") != f"Bearer {self._options.key}":
                raise PaymentRefused("The key is missing or wrong.", "unauthorised", 401)
            return handler(request, **named)

        return guarded

    def _register(self, request: Request) -> Answer:
        number, label = self.parcels.register(request.json(), request.headers.get("idempotency-key", ""))
        return json_answer(201, {"tracking_number": number, "label": label})

    def _track(self, _request: Request, intent_id: str) -> Answer:
        parcel = self.parcels.get(intent_id)
        return json_answer(200, {"tracking_number": parcel.number, "scans": parcel.scans})

    def _withdraw(self, _request: Request, intent_id: str) -> Answer:
        self.parcels.withdraw(intent_id)
        return json_answer(200, {"tracking_number": intent_id})

    def _forget(self, _request: Request, intent_id: str) -> Answer:
        return json_answer(200, {"answer": self.parcels.forget(intent_id)})

    def _scan(self, request: Request, intent_id: str) -> Answer:
        self.parcels.scan(intent_id, str(request.json().get("state", "")))
        return json_answer(200, {"tracking_number": intent_id})

    def _tell(self) -> None:
        while not self._stopped.is_set():
            self.parcels.changed.clear()
            if self._options.step_seconds:
                self.parcels.move_all(self._options.step_seconds)
            for parcel in self.parcels.untold():
                self._tell_of(parcel)
            self.parcels.changed.wait(min(self._options.retry_seconds, self._options.step_seconds or 30))

    def _tell_of(self, parcel: Parcel) -> None:
        body = json.dumps(parcel.scans[parcel.told]).encode()
        headers = {
            "Content-Type": "application/json",
            signature.HEADER: signature.sign(self._options.webhook_secret, body, int(time.time())),
        }
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(
                    parcel.webhook_url, data=body, headers=headers, timeout=TIME_LIMITS, allow_redirects=False
                )
            if 200 <= answer.status_code < 300:
                parcel.attempts, parcel.next_attempt = 0, 0
                self.parcels.told(parcel.number)
                return
        except requests.RequestException:
            pass
        parcel.attempts += 1
        pause = min(self._options.retry_seconds * 2**parcel.attempts, LONGEST_PAUSE_SECONDS)
        parcel.next_attempt = time.time() + pause


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m orders.courier.sandbox_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8020, help="0 takes a free one and prints it")
    parser.add_argument("--state", type=Path, required=True, help="folder for the sandbox's ledger")
    parser.add_argument("--key", default=os.environ.get("COURIER_SANDBOX_KEY", ""))
    parser.add_argument("--webhook-secret", default=os.environ.get("COURIER_WEBHOOK_SECRET", ""))
    parser.add_argument("--step-seconds", type=float, default=0, help="let each parcel move on by itself after so long")
    parser.add_argument("--retry-seconds", type=float, default=1)
    options = parser.parse_args(arguments)
    if not options.key or not options.webhook_secret:
        parser.error("set COURIER_SANDBOX_KEY and COURIER_WEBHOOK_SECRET: shop and courier prove themselves with them")
    os.umask(0o077)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        sandbox = Sandbox(options)
    except OSError as error:
        print(
            f"The courier sandbox cannot use port {options.port}: {error.strerror}. Give another --port.",
            file=sys.stderr,
        )
        return 1

    def stop(*_signal: object) -> None:
        threading.Thread(target=sandbox.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on {sandbox.url}", flush=True)
    sandbox.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
