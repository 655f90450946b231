"""`make bench-traffic [HITS= GROWTH= SEED=]`: what counting costs, each figure beside what the obvious way costs in the same run.

The obvious way keeps a row per page view: written by the ORM while the page is made, added up by SQL, then removed with
DELETE and VACUUM. Its cluster here trades crash safety for speed, which favours it.
"""

from __future__ import annotations

import gc
import io
import json
import os
import platform
import random
import resource
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.campaigns.installation import own_installation, seed_from

CHUNK = 500
CAPTURED = 20_000
ROUND = 50
INSERTED = 3_000
Figures = dict[str, float]


def main() -> int:
    seed = seed_from()
    number, growth = int(os.environ.get("HITS") or 1_000_000), int(os.environ.get("GROWTH") or 10)
    print(f"SEED={seed} HITS={number} GROWTH={growth} on {platform.machine()}, {os.cpu_count()} processors", flush=True)
    with own_installation():
        figures = _capture(seed)
        _say("capture of one page view", figures, "us", "µs CPU", "row_us", "a row by the ORM")
        figures |= _end_to_end(seed, number // 10)
        print(
            f"end to end: {figures['through_per_s']:,.0f}/s through one web process, oldest {figures['oldest_s']:.1f} s"
        )
        for times in (1, growth):
            some = _aggregate(seed, number, times)
            some |= {f"row_{key}": value for key, value in _rows(seed, number, times).items()}
            _say(f"counting {number * times:,} page views", some, "per_cpu_s", "/s CPU", "row_per_s", "rows and DELETE")
            print(
                f"  {some['per_s']:,.0f}/s by the clock, {some['peak_mb']:.0f} MB at most, exact: {bool(some['exact'])}"
            )
            print(
                f"  rows: DELETE and VACUUM alone {some['row_removal_s']:.1f} s, {some['row_left_mb']:.0f} MB stay on disk"
            )
            figures |= {f"{key}_{times}x": value for key, value in some.items()}
    figures["growth_of_time"] = figures[f"cpu_s_{growth}x"] / figures["cpu_s_1x"]
    print(json.dumps({key: round(value, 2) for key, value in figures.items()} | {"seed": seed}))
    return 0 if all(value for key, value in figures.items() if key.startswith("exact")) else 1


def _say(what: str, figures: Figures, key: str, unit: str, foil: str, foil_name: str) -> None:
    ratio = max(figures[key], figures[foil]) / min(figures[key], figures[foil])
    print(f"{what}: {figures[key]:,.1f} {unit}; {foil_name}: {figures[foil]:,.1f}; {ratio:.0f} times", flush=True)


def _capture(seed: int) -> Figures:
    """CPU time that the middleware takes for a page view that is counted: the flushes of the process are in it."""
    from cookies.middleware import TrafficMiddleware
    from cookies.traffic import buffer, capture

    gc.collect()
    gc.freeze()

    def cpu(work: Callable[[Any, Any], object], permitted: bool) -> list[float]:
        rounds = []
        pages = _pages(seed, permitted=permitted)
        for _ in range(CAPTURED // ROUND):
            some = [next(pages) for _ in range(ROUND)]
            started = time.process_time()
            for request, response in some:
                work(request, response)
            rounds.append((time.process_time() - started) / ROUND * 1e6)
        return rounds

    class Answers:
        response: Any = None

        def __call__(self, _request: object) -> Any:
            return self.response

    answers = Answers()
    middleware = TrafficMiddleware(answers)

    def whole(request: Any, response: Any) -> None:
        answers.response = response
        middleware(request)

    cpu(capture.observe, True)
    observed, counted, declined = cpu(capture.observe, True), cpu(whole, True), cpu(whole, False)
    buffer.hits.flush()
    return {
        "us": statistics.mean(observed),
        "median_us": statistics.median(observed),
        "middleware_us": statistics.mean(counted),
        "middleware_declined_us": statistics.mean(declined),
        "row_us": _row_by_the_orm(),
    }


def _pages(seed: int, *, permitted: bool) -> Iterator[tuple[Any, Any]]:
    """Requests as they reach the middleware: a hundred browsers, thousands of visits, products and referrers."""
    from django.http import HttpResponse
    from django.test import RequestFactory
    from django.urls import resolve

    from cookies import consent, inventory, question

    draw = random.Random(seed)
    answer = HttpResponse()
    consent.remember(
        answer, {inventory.TRAFFIC} if permitted else set(), question.shown(question.token()), under_gpc=False
    )
    cookie = answer.cookies["cookie_consent"].value
    browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
    names = [f"{draw.getrandbits(64):022d}" for _ in range(5000)]
    factory = RequestFactory()
    while True:
        slug = f"/products/tea-{draw.randrange(3000)}/"
        path = draw.choice(["/", "/products/", "/search/", "/basket/", slug, slug, slug])
        came_from = draw.choice(
            ["http://testserver/products/", f"http://testserver{slug}", "https://blog.example/post"]
        )
        request = factory.get(
            path, headers={"User-Agent": browser.format(draw.randrange(40, 140)), "Referer": came_from}
        )
        request.COOKIES = {"cookie_consent": cookie, "csrftoken": "x" * 32, "basket": "y" * 22}
        if permitted:
            request.COOKIES["traffic_log"] = draw.choice(names)
        request.LANGUAGE_CODE = "en"
        request.resolver_match = resolve(path)
        yield request, HttpResponse("<!doctype html>")


def _row_by_the_orm() -> float:
    from django.db import models

    _make_rows_table()

    class Row(models.Model):
        hour, visitor, page = models.IntegerField(), models.CharField(max_length=24), models.CharField(max_length=200)
        referrer, device, language = (models.CharField(max_length=100) for _ in range(3))

        class Meta:
            app_label, db_table, managed = "bench", "bench_row", False

        def __str__(self) -> str:
            return self.page

    started = time.process_time()
    for number in range(INSERTED):
        Row.objects.create(hour=1, visitor=f"{number:024d}", page="/", referrer="", device="phone", language="en")
    return (time.process_time() - started) / INSERTED * 1e6


def _make_rows_table() -> None:
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute("DROP TABLE IF EXISTS bench_row")
        owner.execute(
            "CREATE TABLE bench_row (id bigserial PRIMARY KEY, hour int, visitor text, page text, referrer text, "
            "device text, language text, country text, came_from text, entered text, nothing_in text)"
        )
        owner.execute("GRANT ALL ON bench_row, bench_row_id_seq TO PUBLIC")


def _end_to_end(seed: int, number: int) -> Figures:
    """One web process captures as fast as it can while one worker counts: page views a second, and the oldest that waited."""
    from cookies.domain.aggregate import aggregate
    from cookies.traffic import buffer, capture, store

    pages = [page for page, _ in zip(_pages(seed, permitted=True), range(min(number, 20_000)), strict=False)]
    aggregate()
    done = threading.Event()
    oldest = [0.0]

    def count() -> None:
        while not done.is_set():
            oldest[0] = max(oldest[0], store.oldest())
            aggregate()
            time.sleep(0.05)

    worker = threading.Thread(target=count)
    worker.start()
    started = time.monotonic()
    for place in range(number):
        capture.observe(*pages[place % len(pages)])
    buffer.hits.flush()
    while store.oldest():
        time.sleep(0.01)
    seconds = time.monotonic() - started
    done.set()
    worker.join()
    return {"through_per_s": number / seconds, "oldest_s": oldest[0]}


def _lines(seed: int, number: int, times: int) -> Iterator[list[str]]:
    """Chunks of lines as web processes hand them over; each round has other visitors."""
    from cookies.traffic.hit import encode
    from tests.campaigns.traffic_visits import visits

    lines = [encode(hit) for hit in visits(seed, number, hour=_hour())]
    random.Random(seed).shuffle(lines)
    for turn in range(times):
        for place in range(0, number, CHUNK):
            yield [f"{turn:02d}{line[2:]}" for line in lines[place : place + CHUNK]]


def _hour() -> int:
    return int(time.time()) // 3600 - 4


def _aggregate(seed: int, number: int, times: int) -> Figures:
    """One worker counts everything that waits, in a process of its own."""
    from django.db import connections

    from cookies.traffic import store

    _empty()
    sender = "bench.1.x"
    store.register(sender)
    for place, lines in enumerate(_lines(seed, number, times), start=1):
        store.push(sender, place, lines)
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        _count_alone(writing)
    os.close(writing)
    with os.fdopen(reading) as said:
        figures: Figures = json.loads(said.read())
    os.waitpid(pid, 0)
    total = number * times
    return figures | {
        "per_s": total / figures["s"],
        "per_cpu_s": total / figures["cpu_s"],
        "exact": float(_is_exact(seed, number, times)),
    }


def _count_alone(answer: int) -> None:
    """The worker's half: on one processor where the machine lets it choose, so that Valkey and PostgreSQL have the others."""
    from cookies.domain.aggregate import aggregate
    from cookies.traffic import store

    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    store.valkey().ping()
    gc.freeze()
    cpu, clock = time.process_time(), time.monotonic()
    while aggregate():
        pass
    figures = {"cpu_s": time.process_time() - cpu, "s": time.monotonic() - clock}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    os.write(answer, json.dumps(figures).encode())
    os._exit(0)


def _is_exact(seed: int, number: int, times: int) -> bool:
    from cookies.models import HourlyCount
    from tests.campaigns.traffic_visits import expected, visits

    sums = expected(visits(seed, number, hour=_hour()))
    wanted = Counter({cell: count * times for cell, count in sums.items()})
    found = {(c.dimension, int(c.hour.timestamp()) // 3600, c.value): c.count for c in HourlyCount.objects.all()}
    return {cell: count for cell, count in found.items() if count} == wanted


def _rows(seed: int, number: int, times: int) -> Figures:
    """The obvious way's half: the same page views as rows, added up by SQL for the same dimensions, then removed."""
    from django.db import connection

    _make_rows_table()
    columns = (
        "visitor",
        "hour",
        "page",
        "referrer",
        "device",
        "language",
        "country",
        "came_from",
        "entered",
        "nothing_in",
    )
    with connection.cursor() as cursor:
        for lines in _lines(seed, number, times):
            cursor.copy_from(io.StringIO("\n".join(lines) + "\n"), "bench_row", columns=columns, null="\\N")
        started = time.monotonic()
        for column in ("page", "referrer", "device", "language", "country", "came_from", "nothing_in"):
            cursor.execute(f"SELECT hour, {column}, count(*), count(DISTINCT visitor) FROM bench_row GROUP BY 1, 2")
            cursor.fetchall()
        cursor.execute("SELECT hour, page, count(*) FROM bench_row WHERE entered = '1' GROUP BY 1, 2")
        cursor.fetchall()
        counted = time.monotonic()
        cursor.execute("DELETE FROM bench_row")
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute("VACUUM bench_row")
        removed = time.monotonic()
        owner.execute("SELECT pg_total_relation_size('bench_row') / 1e6")
        left = float(owner.fetchone()[0])
        owner.execute("DROP TABLE bench_row")
    return {"per_s": number * times / (removed - started), "removal_s": removed - counted, "left_mb": left}


def _empty() -> None:
    from cookies.models import DailyCount, HourlyCount
    from cookies.traffic import store

    store.valkey().flushdb()
    HourlyCount.objects.all().delete()
    DailyCount.objects.all().delete()


if __name__ == "__main__":
    sys.exit(main())
