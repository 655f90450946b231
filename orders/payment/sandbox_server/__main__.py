"""`python -m orders.payment.sandbox_server`: starts the sandbox, or says in one sentence why it cannot."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from orders.payment.sandbox_server.server import Options, Sandbox
from orders.payment.sandbox_server.store import StateTaken


def main(arguments: list[str] | None = None) -> int:
    options = _read_options(arguments)
    # The books are the sandbox's own, whatever the mask of the shell that started it.
    os.umask(0o077)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        sandbox = Sandbox(options)
    except StateTaken as error:
        return _give_up(str(error))
    except OSError as error:
        return _give_up(
            f"The payment sandbox cannot use port {options.port} on {options.host} or the folder {options.state}:"
            f" {error.strerror or error}. Give another --port or --state."
        )

    def stop(*_signal: object) -> None:
        # The server waits for its loop to end, so the loop's own thread must not be the one that waits.
        threading.Thread(target=sandbox.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on {sandbox.url}", flush=True)
    sandbox.serve()
    return 0


def _read_options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m orders.payment.sandbox_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010, help="0 takes a free one and prints it")
    parser.add_argument("--state", type=Path, required=True, help="folder for the sandbox's books")
    parser.add_argument("--public-url", default=os.environ.get("PAYMENT_SANDBOX_PUBLIC_URL", ""))
    parser.add_argument("--merchant", default="KMALL24", help="the shop's name on the card page")
    parser.add_argument("--key", default=os.environ.get("PAYMENT_SANDBOX_KEY", ""))
    parser.add_argument("--webhook-secret", default=os.environ.get("PAYMENT_WEBHOOK_SECRET", ""))
    parser.add_argument("--slow-seconds", type=float, default=3, help="how long the slow card takes")
    parser.add_argument("--expire-seconds", type=float, default=30 * 60, help="how long a payment stays open")
    parser.add_argument("--hold-seconds", type=float, default=7 * 24 * 3600, help="how long a bank holds money")
    parser.add_argument("--account", default=os.environ.get("PAYMENT_SANDBOX_ACCOUNT", "acct_kmall24"))
    parser.add_argument("--retry-seconds", type=float, default=1, help="first pause before a webhook is tried again")
    read = parser.parse_args(arguments)
    if not read.key:
        parser.error("set PAYMENT_SANDBOX_KEY, or give --key: the shop proves itself with it")
    if not read.webhook_secret:
        parser.error("set PAYMENT_WEBHOOK_SECRET, or give --webhook-secret: webhooks are signed with it")
    return Options(**vars(read))


def _give_up(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
