"""`make accept-traffic [SEED= HITS= KILLS=]`: workers are killed anywhere, and each page view is counted once and then gone.

Three web processes hand over page views while two workers count them; a worker is killed with SIGKILL at a moment that is
drawn. Then two Celery workers and two beats count another part, and are killed as well. What the counters say is compared
with what was handed over, dimension by dimension and hour by hour.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from tests.campaigns.installation import own_installation, seed_from

SENDERS = 3
WORKERS = 2
# A killed worker has lived this long at the most: about as long as its batches take, so that it often is in one.
LONGEST_LIFE = 0.25
PROMISED = 120.0
LARGEST_CHUNK = 500


def main() -> int:
    seed = seed_from()
    number, kills = int(os.environ.get("HITS") or 1_000_000), int(os.environ.get("KILLS") or 50)
    by_celery = int(os.environ.get("CELERY_HITS") or number // 5)
    print(f"SEED={seed} HITS={number} KILLS={kills} CELERY_HITS={by_celery}", flush=True)
    with own_installation():
        hour = int(time.time()) // 3600 - 3
        killed, in_the_middle, seconds = _forked(seed, number, kills, hour)
        wrong = _differences(seed, number, hour)
        celery_kills = 0
        if by_celery:
            celery_kills, celery_seconds = _celery(seed + 1, by_celery, hour)
            seconds = max(seconds, celery_seconds)
            wrong = _differences(seed, number, hour, (seed + 1, by_celery))
        left = _raw_left()
        if left and by_celery:
            print(_celery_log().read_text(encoding="utf-8", errors="replace")[-4000:])
    for line in wrong[:20]:
        print(line)
    print(
        f"hits={number + by_celery} kills={killed + celery_kills} with_work_left_behind={in_the_middle} "
        f"error={len(wrong)} raw_left={left} raw_gone_after={seconds:.1f}s seed={seed}"
    )
    return 1 if wrong or left or killed < kills or seconds > PROMISED else 0


def _forked(seed: int, number: int, kills: int, hour: int) -> tuple[int, int, float]:
    """Kill forked workers while page views are handed over; kills, those that left a batch behind, seconds to the end."""
    from cookies.domain.aggregate import aggregate
    from cookies.traffic import store

    draw = random.Random(seed)
    chunks = _hand_over(seed, number, hour)
    each_time = max(1, number // LARGEST_CHUNK // max(1, kills - 5))
    workers = [_fork(aggregate) for _ in range(WORKERS)]
    killed = in_the_middle = 0
    more = True
    while more or killed < kills:
        for _ in range(each_time):
            more = next(chunks, None) is not None
        time.sleep(draw.random() * LONGEST_LIFE)
        victim = draw.randrange(WORKERS)
        _kill(workers[victim])
        killed += 1
        in_the_middle += bool(store.batches())
        workers[victim] = _fork(aggregate)
    since = time.monotonic()
    while _raw_left() and time.monotonic() - since < PROMISED:
        time.sleep(0.05)
    for worker in workers:
        _kill(worker)
    return killed, in_the_middle, time.monotonic() - since


def _celery(seed: int, number: int, hour: int) -> tuple[int, float]:
    """The same with the store's own workers and two beats; kills, and seconds until nothing was left."""
    kills = 0
    with _running("worker", "worker", "beat", "beat") as processes:
        for count, _chunk in enumerate(_hand_over(seed, number, hour)):
            if count % max(1, number // LARGEST_CHUNK // 4) == 0:
                time.sleep(4)
                place = kills % 2
                _end(processes[place])
                processes[place] = _celery_process("worker", place)
                kills += 1
        since = time.monotonic()
        while _raw_left() and time.monotonic() - since < PROMISED:
            time.sleep(0.1)
        return kills, time.monotonic() - since


def _hand_over(seed: int, number: int, hour: int) -> Iterator[int]:
    from cookies.traffic import store
    from cookies.traffic.hit import encode
    from tests.campaigns.traffic_visits import visits

    sent = Counter(dict.fromkeys(range(SENDERS), 0))
    made = visits(seed, number, hour=hour)
    while True:
        lines = [encode(hit) for hit in islice(made, LARGEST_CHUNK)]
        if not lines:
            return
        sender = sum(sent.values()) % SENDERS
        sent[sender] += 1
        store.register(f"web.{sender}.{seed}")
        store.push(f"web.{sender}.{seed}", sent[sender], lines)
        yield len(lines)


def _fork(work: Callable[[], int]) -> int:
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        while True:
            work()
            time.sleep(0.01)
    finally:
        os._exit(1)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@contextmanager
def _running(*kinds: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [_celery_process(kind, place) for place, kind in enumerate(kinds)]
    try:
        yield processes
    finally:
        for process in processes:
            _end(process)


def _celery_process(kind: str, place: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "-A", "kmall24", kind, "-l", "ERROR"]
    if kind == "worker":
        command += ["--concurrency", "1", "--without-gossip", "--without-mingle", "-n", f"w{place}.{time.time()}"]
    else:
        command += ["--schedule", f"{os.environ['KMALL24_STATE_DIR']}/beat-{place}", "--pidfile="]
    with open(_celery_log(), "ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def _celery_log() -> Path:
    return Path(os.environ["KMALL24_STATE_DIR"]) / "celery.log"


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _raw_left() -> int:
    """Keys in Valkey that hold page views."""
    from cookies.traffic import store

    client = store.valkey()
    return sum(1 for pattern in ("*:pending", "*:batch:*") for _key in client.scan_iter(pattern, count=1000))


def _differences(seed: int, number: int, hour: int, *more: tuple[int, int]) -> list[str]:
    """Where the counters, the days and the certificates do not say what was handed over."""
    from django.db.models import Sum

    from cookies.models import DailyCount, HourlyCount, PurgeCertificate
    from cookies.traffic.hit import day_of
    from tests.campaigns.traffic_visits import expected, visits

    sums: Counter[tuple[str, int, str]] = Counter()
    for of_seed, of_number in ((seed, number), *more):
        sums.update(expected(visits(of_seed, of_number, hour=hour)))
    hours = {(c.dimension, int(c.hour.timestamp()) // 3600, c.value): c.count for c in HourlyCount.objects.all()}
    wrong = [
        f"{cell}: {hours.get(cell, 0)} for {sums[cell]}" for cell in {*sums, *hours} if hours.get(cell, 0) != sums[cell]
    ]
    by_day: Counter[tuple[str, str, str]] = Counter()
    for (dimension, at, value), count in sums.items():
        by_day[dimension, day_of(at), value] += count
    days = {(c.dimension, c.day.isoformat(), c.value): c.count for c in DailyCount.objects.all()}
    wrong += [
        f"{cell}: {days.get(cell, 0)} for {by_day[cell]}"
        for cell in {*by_day, *days}
        if days.get(cell, 0) != by_day[cell]
    ]
    pages = sum(count for (dimension, _at, _value), count in sums.items() if dimension == "page")
    certified = PurgeCertificate.objects.aggregate(n=Sum("hits"))["n"] or 0
    if certified != pages:
        wrong.append(f"certificates: {certified} for {pages}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
