"""`make bench-stock [ROUNDS= SECONDS= DURABLE=]`: holding goods by conditional updates, against SELECT FOR UPDATE doing the same.

Both hold the same pieces under the same constraints and commit; rounds of the two take turns, and what counts is the middle of
the ratios of neighbouring rounds, so that a busy machine slows both. DURABLE=1 takes a cluster that waits for its disk at each
commit, as a store's does; without it the work of the database itself is compared. A single buyer's holds are also compared by the
processor time that they take, here and in their server, which a busy machine leaves alone.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.campaigns.installation import own_installation, seed_from

AN_HOUR = timedelta(hours=1)
# Buyers at once, kinds of goods to choose from, lines of each buyer.
CASES = {"one buyer, one line": (1, 60, 1), "8 buyers of one thing": (8, 1, 1), "8 buyers, 3 lines of 60": (8, 60, 3)}
WANTED = 1.5


def main() -> int:
    seed = seed_from()
    rounds, seconds = int(os.environ.get("ROUNDS") or 11), float(os.environ.get("SECONDS") or 1)
    durable = os.environ.get("DURABLE", "") not in ("", "0")
    print(f"SEED={seed} ROUNDS={rounds} SECONDS={seconds:g} DURABLE={int(durable)}", flush=True)
    ratios = {}
    with own_installation(disposable=not durable):
        from tests.campaigns.racing.rush import goods

        variants = [variant.pk for variant in goods(max(kinds for _b, kinds, _l in CASES.values()), 10**8)]
        for name, case in CASES.items():
            ratios[name] = compare(name, case, variants, rounds, seconds, random.Random(seed))
        work = by_the_processor(variants, random.Random(seed))
    words = " ".join(f"[{name}]={ratio:.2f}x" for name, ratio in ratios.items())
    print(f"{words} [by the processor]={work:.2f}x DURABLE={int(durable)} SEED={seed}")
    return 0 if min(ratios.values()) >= WANTED else 1


def compare(
    name: str, case: tuple[int, int, int], variants: list[int], rounds: int, seconds: float, draw: random.Random
) -> float:
    """The middle of the ratios of neighbouring rounds; the figures of both, and how far apart they lie, are printed."""
    figures: dict[Callable, list[float]] = {conditional: [], for_update: []}
    for number in range(rounds + 1):
        for way in (conditional, for_update) if number % 2 else (for_update, conditional):
            measured = _round(way, case, variants, seconds, draw.getrandbits(32))
            if number:  # the first round warms up
                figures[way].append(measured)
    pairs = [fast / slow for fast, slow in zip(figures[conditional], figures[for_update], strict=True)]
    first, middle, last = statistics.quantiles(pairs, n=4)
    print(
        f"{name}: conditional {statistics.median(figures[conditional]):.0f}/s, "
        f"FOR UPDATE {statistics.median(figures[for_update]):.0f}/s, "
        f"ratio {middle:.2f} (half of the rounds within {first:.2f} to {last:.2f})",
        flush=True,
    )
    return middle


def by_the_processor(variants: list[int], draw: random.Random, holds: int = 300, rounds: int = 7) -> float:
    """How much more work one hold of one line is for the other way: the middle of the rounds."""
    figures: dict[Callable, list[float]] = {conditional: [], for_update: []}
    for _ in range(rounds):
        for way, taken in figures.items():
            _clear()
            before = _worked()
            for _ in range(holds):
                way({draw.choice(variants): 1})
            taken.append((_worked() - before) / holds * 1e6)
    fast, slow = (statistics.median(taken) for taken in figures.values())
    print(f"processor time of one hold: conditional {fast:.0f} µs, FOR UPDATE {slow:.0f} µs", flush=True)
    return slow / fast


def _worked() -> float:
    """Seconds of processor time of this process and of the server's process that serves it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = cursor.fetchone()[0]
    return time.process_time() + int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9


def conditional(wish: dict[int, int]) -> None:
    """As the store does it."""
    from django.db import transaction

    from catalogue.domain import stock

    with transaction.atomic():
        assert not stock.hold(wish, key=uuid.uuid4(), held_for=AN_HOUR)


def for_update(wish: dict[int, int]) -> None:
    """Lock, look, write: the same pieces, the same rows, the same order of locks."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, stock FROM catalogue_variant WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [sorted(wish)]
        )
        rows = cursor.fetchall()
        assert all(left >= wish[pk] for pk, left in rows)
        for pk, _left in rows:
            cursor.execute(
                "UPDATE catalogue_variant SET stock = stock - %s, held = held + %s WHERE id = %s",
                [wish[pk], wish[pk], pk],
            )
        key = uuid.uuid4()
        values = [value for pk, _left in rows for value in (pk, key, wish[pk], AN_HOUR)]
        cursor.execute(
            "INSERT INTO catalogue_hold (variant_id, key, quantity, expires_at) VALUES "
            + ", ".join(["(%s, %s, %s, clock_timestamp() + %s)"] * len(rows)),
            values,
        )


def _round(way: Callable, case: tuple[int, int, int], variants: list[int], seconds: float, seed: int) -> float:
    """How many were held in a second."""
    from django.db import connection, connections

    buyers, kinds, lines = case
    _clear()
    line, ends, done = threading.Barrier(buyers + 1), [0.0], []

    def buy(own_seed: int) -> None:
        draw, count = random.Random(own_seed), 0
        connection.ensure_connection()
        line.wait()
        while time.monotonic() < ends[0]:
            way(dict.fromkeys(draw.sample(variants[:kinds], lines), 1))
            count += 1
        done.append(count)
        connections.close_all()

    threads = [threading.Thread(target=buy, args=(seed + n,)) for n in range(buyers)]
    for thread in threads:
        thread.start()
    ends[0] = time.monotonic() + seconds
    line.wait()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _clear() -> None:
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute(
            "BEGIN; DELETE FROM catalogue_hold; UPDATE catalogue_variant SET held = 0 WHERE held <> 0; COMMIT"
        )
        owner.execute("VACUUM catalogue_variant, catalogue_hold")


if __name__ == "__main__":
    sys.exit(main())
