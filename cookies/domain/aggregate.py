"""The single entry point for turning page views into counts: each batch is counted once and then gone, wherever it is killed."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections import Counter

from django.db import connection, transaction

from cookies.models import DailyCount, HourlyCount, PurgeCertificate
from cookies.models.traffic import Dimension
from cookies.traffic import store
from cookies.traffic.count import Counted, count, merge_referrers
from cookies.traffic.hit import day_of, moment
from cookies.traffic.store import Batch

logger = logging.getLogger(__name__)

# Referrers are what browsers claim. One day names this many; the others of that day are counted together.
REFERRERS_PER_DAY = 1000
OTHER = "other"
# Seconds after which no further batch is begun; the next call takes up what is left.
ONE_TURN = 120.0

# The counts stand in two tables, by hour and by day. Rows are always taken in the same order, so that two batches cannot
# wait for each other.
_ADD = """
INSERT INTO {table} ({moment}, dimension, value, count)
SELECT * FROM unnest(%s::{kind}[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (dimension, {moment}, value) DO UPDATE SET count = {table}.count + EXCLUDED.count
"""
_ADD_HOURS = _ADD.format(table=HourlyCount._meta.db_table, moment="hour", kind="timestamptz")
_ADD_DAYS = _ADD.format(table=DailyCount._meta.db_table, moment="day", kind="date")


def aggregate() -> int:
    """Claim what waits and settle every claimed batch, those that a dead worker left behind included; the hits counted.

    Any number of these may run at once: a batch's certificate is unique, and only who writes it adds the counts.
    """
    started = time.time()
    number = 0
    for sender in store.senders():
        for left_behind in store.batches_of(sender):
            number += settle(left_behind)
        while batch := store.claim(sender):
            number += settle(batch)
            if time.time() - started > ONE_TURN:
                return number
    store.forget_silent_senders(started)
    return number


def settle(batch: Batch) -> int:
    """Count one batch, write its certificate and remove it; the hits that this call counted.

    The order is what makes it safe: counts and certificate in one transaction, then the sketches, which take the same
    visitor twice without noticing, then the removal. Killed before the commit, nothing has happened; killed after it,
    the next call finds the certificate and only finishes.
    """
    chunks = store.chunks_of(batch)
    if not chunks:
        store.remove(batch)
        return 0
    counted = count(chunks, store.withdrawn(), store.planted())
    if counted.damaged:
        logger.warning("%d lines in a batch of page views are damaged and are not counted.", counted.damaged)
    merge_referrers(counted, _referrers_named, OTHER)
    is_first = _write(batch, counted, store.life())
    for day, cells in counted.seen.items():
        store.add_visitors(day, {store.cell_name(*cell): visitors for cell, visitors in cells.items()})
    store.remove(batch)
    return counted.hits if is_first else 0


def _referrers_named(day: str, found: Counter[str]) -> set[str]:
    """The referrers that keep their names: those that the day has already, then the most frequent new ones."""
    rows = DailyCount.objects.filter(dimension=Dimension.REFERRER, day=day)
    known = set(rows.values_list("value", flat=True)[: REFERRERS_PER_DAY + 1])
    new = [host for host, _number in found.most_common() if host not in known]
    return known | set(new[: max(0, REFERRERS_PER_DAY - len(known))])


def _write(batch: Batch, counted: Counted, life: str) -> bool:
    """Add the counts and write the certificate in one transaction; False when the certificate was there already."""
    by_hour = sorted((dimension, moment(hour), value, n) for (dimension, hour, value), n in counted.counts.items() if n)
    days: Counter[tuple[str, dt.date, str]] = Counter()
    for (dimension, hour, value), number in counted.counts.items():
        days[dimension, dt.date.fromisoformat(day_of(hour)), value] += number
    by_day = sorted((*cell, number) for cell, number in days.items() if number)
    with transaction.atomic():
        _certificate, is_first = PurgeCertificate.objects.get_or_create(
            batch_id=uuid.UUID(batch.id),
            defaults={
                "hits": counted.hits,
                "withdrawn": counted.withdrawn,
                "planted": counted.planted,
                "damaged": counted.damaged,
                "first_hour": moment(min(counted.hours)) if counted.hours else None,
                "last_hour": moment(max(counted.hours)) if counted.hours else None,
                "valkey_life": uuid.UUID(life),
            },
        )
        if is_first:
            with connection.cursor() as cursor:
                for statement, rows in ((_ADD_HOURS, by_hour), (_ADD_DAYS, by_day)):
                    if rows:
                        dimensions, moments, values, numbers = zip(*rows, strict=True)
                        cursor.execute(statement, [list(moments), list(dimensions), list(values), list(numbers)])
    return is_first
