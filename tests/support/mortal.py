"""A process that does one deed of the store and is killed in the middle of it, as by a power cut, for tests.

Started once; for each deed it forks a child, which arms the crash points, does the deed and kills itself with SIGKILL at
the named one. No handler runs and no connection is closed in order, which is what a death is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class Mortal:
    """Does deeds in processes that die."""

    def __init__(self, database: str, settings: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal", database, json.dumps(settings)],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def die(self, at: str, deed: str, *arguments: Any) -> bool:
        """True when the deed came to the crash point and died there."""
        self._process.stdin.write(json.dumps([at, deed, list(arguments)]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()


@contextmanager
def mortal(database: str, **settings: Any) -> Iterator[Mortal]:
    made = Mortal(database, settings)
    try:
        yield made
    finally:
        made.close()


def _deeds() -> dict[str, Callable[..., object]]:
    from django.test import Client

    from orders.domain import giving_up, parcels, payment, reconciling, refunding, webhook
    from orders.models import Order
    from privacy import outbox
    from privacy.models import Subject

    def check_out(cookies: dict[str, str], sent: dict[str, str]) -> None:
        client = Client()
        for name, value in cookies.items():
            client.cookies[name] = value
        client.post("/checkout/", sent)

    def propose(payment_id: int, amount: str, by: str) -> None:
        from decimal import Decimal

        person = Subject.objects.get(pk=by)
        refunding.propose(payment_id, Decimal(amount), reason="goodwill", by=person)

    return {
        "check_out": check_out,
        "start": lambda pk: payment.start_payment(Order.objects.get(pk=pk)),
        "finalise": payment.finalise,
        "close": payment.close,
        "catch_up": payment.catch_up,
        "give_up": giving_up.cancel_unpaid,
        "propose": propose,
        "deliver": outbox.deliver_due,
        "register": parcels.register,
        "hear_courier": parcels.ask_about_quiet_parcels,
        "reconcile": lambda: reconciling.reconcile(_long_ago()),
        "hear": lambda body, headers: webhook.receive(body.encode(), headers),
    }


def _long_ago() -> Any:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() - timedelta(days=1)


def _live(deed: Callable[..., object], arguments: list[Any], at: str) -> None:
    """In the child: does not return. 0 says that the deed ended without coming to the crash point, 1 that it failed."""
    from privacy.crashpoints import armed

    def die(name: str) -> None:
        if name == at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with armed(die):
            deed(*arguments)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def main() -> None:
    database, changed = sys.argv[1], json.loads(sys.argv[2])
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = database
    settings.ALLOWED_HOSTS = ["*"]
    for name, value in changed.items():
        setattr(settings, name, value)
    deeds = _deeds()
    print("ready", flush=True)
    for line in sys.stdin:
        at, deed, arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(deeds[deed], arguments, at)
        _child, status = os.waitpid(child, 0)
        print(json.dumps(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL), flush=True)


if __name__ == "__main__":
    main()
