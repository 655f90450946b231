"""`make accept-race [SEED= SEEDS= TRIES= BUYERS=]`: everybody wants the last pieces, and exactly so many are sold as there are.

Sixty-four at once through the domain's functions, each on a connection of its own: they hold, pay, give back, leave, and pay
too late. Then a crowd over real HTTP, twice, the second time when the first one's holds ran out. Each of the two is also
run with the guard switched off, where it has to oversell: a race that nobody can lose is void.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.campaigns.installation import own_installation, seed_from
from tests.support.payment_sandbox import PaymentSandbox

ROOT = Path(__file__).resolve().parents[2]
KINDS_OF_GOODS = 6


def main() -> int:
    seed = seed_from()
    seeds, tries, buyers = (int(os.environ.get(n) or d) for n, d in (("SEEDS", 20), ("TRIES", 10_000), ("BUYERS", 500)))
    print(f"SEED={seed} SEEDS={seeds} TRIES={tries} BUYERS={buyers}", flush=True)
    started, found, lost = time.monotonic(), [], {}
    with own_installation() as folder:
        from orders.domain.shipping import ensure_rates
        from tests.campaigns.racing.guard import guard_switched_off

        ensure_rates()
        draws = random.Random(seed)
        done = sold = late = 0
        for number in range(seeds):
            one = draws.getrandbits(32)
            books, wrong, _over = _rush(one, tries, mark=f"{number}-")
            found += [f"seed {one}: {line}" for line in wrong]
            done, sold, late = done + books.tries, sold + sum(books.sold.values()), late + books.too_late
            print(f"{number + 1} of {seeds}: {books.tries} tries, {sum(books.sold.values())} sold", flush=True)
        with guard_switched_off():
            _books, _wrong, lost["threads"] = _rush(draws.getrandbits(32), max(tries // 10, 200), mark="off-")
        found += _crowds(folder, buyers, guarded=True)[0]
        lost["http"] = _crowds(folder, buyers, guarded=False)[1]
    for line in found[:50]:
        print(line)
    void = [where for where, pieces in lost.items() if not pieces]
    if void:
        print(
            f"VOID: with the guard switched off nothing was oversold by {', '.join(void)}, so this race shows nothing."
        )
    print(
        f"tries={done} at_once=64 sold={sold} too_late={late} oversold=0 buyers={buyers} differences={len(found)} "
        f"unguarded_oversold_threads={lost['threads']} unguarded_oversold_http={lost['http']} "
        f"seconds={time.monotonic() - started:.0f} seed={seed}"
        if not found
        else f"differences={len(found)} seed={seed}"
    )
    return 1 if found or void else 0


def _rush(seed: int, tries: int, *, mark: str) -> tuple:
    from tests.campaigns.racing.rush import differences, goods, oversold, rush

    # About a third of what is asked for, so that the end is fought over and the beginning is not.
    pieces = max(tries // KINDS_OF_GOODS, 20)
    variants = [variant.pk for variant in goods(KINDS_OF_GOODS, pieces, mark)]
    books = rush(seed, tries, variants)
    return books, differences(books, variants, pieces), oversold(books, pieces)


def _crowds(folder: Path, buyers: int, *, guarded: bool) -> tuple[list[str], int]:
    """What was wrong, and how many pieces were promised that there were not."""
    from datetime import timedelta

    from django.db.models.functions import Now

    from catalogue.models import Hold
    from tests.campaigns.racing.crowd import crowd
    from tests.campaigns.racing.rush import goods

    pieces, found, over = max(buyers // 10, 1), [], 0
    (one,) = goods(1, pieces, f"http-{int(guarded)}-")
    with serving(folder, guarded=guarded) as url:
        for turn in (1, 2) if guarded else (1,):
            answers = crowd(url, f"/products/{one.product.slug}/", [one.pk], buyers)
            one.refresh_from_db()
            over += max(0, answers[303] - pieces)
            print(
                f"{buyers} buyers of {pieces} pieces, guard {'on' if guarded else 'off'}: {dict(answers)}", flush=True
            )
            if answers[303] != pieces or answers[303] + answers[409] != buyers:
                found.append(f"turn {turn}: {dict(answers)} for {pieces} pieces")
            if (one.stock, one.held) != (0, pieces):
                found.append(f"turn {turn}: {one.stock} free and {one.held} held of {pieces}")
            # Nobody pays, and no task runs: the next crowd finds the goods free because the time is over.
            Hold.objects.filter(variant=one).update(expires_at=Now() - timedelta(seconds=1))
    return found, over


@contextmanager
def serving(folder: Path, *, guarded: bool) -> Iterator[str]:
    """The store behind gunicorn, as it is served; its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    sandbox = PaymentSandbox(Path(folder)).start()
    told = {
        "BASE_URL": url,
        "DEBUG": "1",
        "PAYMENT_SANDBOX_URL": sandbox.url,
        "PAYMENT_SANDBOX_KEY": sandbox.key,
        "PAYMENT_WEBHOOK_SECRET": sandbox.webhook_secret,
    }
    module = "kmall24.wsgi" if guarded else "tests.campaigns.racing.unguarded_wsgi"
    with (Path(folder) / "web.log").open("ab") as log:
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", f"{module}:application", "--no-control-socket"),
                *("--bind", f"127.0.0.1:{port}"),
                *(
                    "--workers",
                    "2",
                    "--threads",
                    "16",
                    "--worker-class",
                    "gthread",
                    "--backlog",
                    "1024",
                    "--timeout",
                    "120",
                ),
            ],
            cwd=ROOT,
            env=os.environ | told,
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            try:
                requests.get(f"{url}/healthz", timeout=60)
                break
            except requests.RequestException:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"The store did not begin to answer at {url}.")
        yield url
    finally:
        web.terminate()
        web.wait(30)
        sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
