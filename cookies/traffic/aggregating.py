"""A batch of hits becomes counts and a certificate in one transaction, then it is removed: never lost, never counted twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter

from django.db import IntegrityError, connection, transaction
from redis.exceptions import ResponseError

from cookies.models import DailyVisitors, PurgeCertificate
from cookies.models.counts import Dimension
from cookies.traffic.hit import Hit
from cookies.traffic.waiting import BATCH, HITS, VISITORS, valkey

MOST_AT_ONCE = 200_000  # hits of one batch that are read into memory together


def aggregate() -> int:
    """Count everything that waits, also what a worker that died had claimed; says how many hits were counted."""
    _claim()
    return sum(_count(name.decode()) for name in sorted(valkey().scan_iter(match=f"{BATCH}*", count=1000)))


def _claim() -> None:
    """Give what waits a batch number. From here on it is that batch, whoever dies."""
    try:
        valkey().renamenx(HITS, f"{BATCH}{uuid.uuid4()}")
    except ResponseError:
        return  # nothing waits


def _count(name: str) -> int:
    batch = uuid.UUID(name.removeprefix(BATCH))
    cells: Counter[tuple[str, str, str]] = Counter()
    visitors: dict[str, set[str]] = {}
    hits = damaged = 0
    for start in range(0, valkey().llen(name), MOST_AT_ONCE):
        for line in valkey().lrange(name, start, start + MOST_AT_ONCE - 1):
            try:
                hit = Hit.unpacked(line.decode())
            except ValueError:
                damaged += 1
                continue
            hits += 1
            cells[hit.hour, Dimension.PAGE, hit.page] += 1
            cells[hit.hour, Dimension.REFERRER, hit.referrer or "-"] += 1
            cells[hit.hour, Dimension.DEVICE, hit.device] += 1
            cells[hit.hour, Dimension.LANGUAGE, hit.language] += 1
            visitors.setdefault(hit.hour[:10], set()).add(hit.visitor)
    if not hits and not damaged:
        return 0  # another worker was here
    for day, keys in visitors.items():
        # Adding a visitor again changes nothing, so this may be repeated.
        valkey().pfadd(f"{VISITORS}{day}", *keys)
    try:
        with transaction.atomic():
            # The certificate first: a second worker with the same batch waits here, and then fails.
            PurgeCertificate.objects.create(batch=batch, hits=hits, damaged=damaged)
            _add(cells)
        counted = hits
    except IntegrityError:
        if not PurgeCertificate.objects.filter(batch=batch).exists():
            raise
        counted = 0
    valkey().delete(name)
    return counted


def _add(cells: Counter[tuple[str, str, str]]) -> None:
    # In one order always, so that two workers wait for each other at most once.
    rows = sorted((hour, str(dimension), value, count) for (hour, dimension, value), count in cells.items())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cookies_hourlycount (hour, dimension, value, hits) "
            "SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::bigint[]) "
            "ON CONFLICT (hour, dimension, value) DO UPDATE SET hits = cookies_hourlycount.hits + EXCLUDED.hits",
            [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []],
        )


def close_days(today: dt.date) -> int:
    """Turn the sketches of days that are over into numbers, and throw the sketches away; says how many days.

    Days are counted in UTC, as the hours are.
    """
    closed = 0
    for name in list(valkey().scan_iter(match=f"{VISITORS}*")):
        day = dt.date.fromisoformat(name.decode().removeprefix(VISITORS))
        if day < today:
            DailyVisitors.objects.update_or_create(day=day, defaults={"visitors": valkey().pfcount(name)})
            valkey().delete(name)
            closed += 1
    return closed
