"""The single entry point for turning page views into counts: each batch is counted once and then gone, wherever it is killed."""

from __future__ import annotations

import logging
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db import connection, transaction

from cookies.models import HourlyCount, PurgeCertificate
from cookies.models.traffic import Dimension
from cookies.traffic import store
from cookies.traffic.hit import Hit, day_of, decode, moment

logger = logging.getLogger(__name__)

# Referrers are what browsers claim. One batch may name this many; the rest are counted together.
REFERRERS_PER_BATCH = 200
OTHER = "other"

_ADD = f"""
INSERT INTO {HourlyCount._meta.db_table} (hour, dimension, value, count)
SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (dimension, hour, value)
DO UPDATE SET count = {HourlyCount._meta.db_table}.count + EXCLUDED.count
"""  # noqa: S608 - the name of a table of ours


@dataclass
class Tally:
    """What a batch adds up to: counts per hour, dimension and value, and who was seen in which cell of which day."""

    hits: int = 0
    withdrawn: int = 0
    hours: set[int] = field(default_factory=set)
    counts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    visitors: dict[str, defaultdict[str, set[str]]] = field(default_factory=dict)


def aggregate() -> int:
    """Claim what waits and settle every claimed batch, those that a dead worker left behind included; the hits counted.

    Any number of these may run at once: a batch's certificate is unique, and only who writes it adds the counts.
    """
    store.claim()
    return sum(settle(batch) for batch in store.batches())


def settle(batch: str) -> int:
    """Count one batch, write its certificate and remove it; the hits that this call counted.

    The order is what makes it safe: counts and certificate in one transaction, then the sketches, which take the same
    visitor twice without noticing, then the removal. Killed before the commit, nothing has happened; killed after it,
    the next call finds the certificate and only finishes.
    """
    lines = store.lines_of(batch)
    tally = tally_of(lines, store.withdrawn() if lines else set())
    counted = _write(batch, tally) if lines else False
    _sketch(tally)
    store.remove(batch)
    return tally.hits if counted else 0


def tally_of(lines: list[str], withdrawn: set[str]) -> Tally:
    """Add up the lines of a batch, leaving out the visitors who have withdrawn."""
    tally = Tally()
    referrers: set[str] = set()
    for line in lines:
        try:
            hit = decode(line)
        except ValueError:
            # Not a line of this store's; it is removed with its batch and never shown in a log.
            logger.warning("A line in the batch of page views is damaged and is not counted.")
            continue
        if not isinstance(hit, Hit):
            hour, number = hit
            tally.counts[Dimension.DROPPED, hour, ""] += number
            continue
        if hit.visitor in withdrawn:
            tally.withdrawn += 1
            continue
        if hit.referrer and hit.referrer not in referrers:
            if len(referrers) < REFERRERS_PER_BATCH:
                referrers.add(hit.referrer)
            else:
                hit = hit._replace(referrer=OTHER)
        _count(tally, hit)
    return tally


def _count(tally: Tally, hit: Hit) -> None:
    tally.hits += 1
    tally.hours.add(hit.hour)
    cells = [(Dimension.PAGE, hit.page), (Dimension.DEVICE, hit.device), (Dimension.LANGUAGE, hit.language)]
    if hit.referrer:
        cells.append((Dimension.REFERRER, hit.referrer))
    seen = tally.visitors.setdefault(day_of(hit.hour), defaultdict(set))
    seen[cell_name("", "")].add(hit.visitor)
    for dimension, value in cells:
        tally.counts[dimension, hit.hour, value] += 1
        seen[cell_name(dimension, value)].add(hit.visitor)


def cell_name(dimension: str, value: str) -> str:
    """The name of a cell among a day's sketches; the whole day has no dimension."""
    return f"{dimension}\t{value}"


def _write(batch: str, tally: Tally) -> bool:
    """Add the counts and write the certificate in one transaction; False when the certificate was there already."""
    with transaction.atomic():
        _certificate, is_first = PurgeCertificate.objects.get_or_create(
            batch_id=uuid.UUID(batch),
            defaults={
                "hits": tally.hits,
                "withdrawn": tally.withdrawn,
                "first_hour": moment(min(tally.hours)) if tally.hours else None,
                "last_hour": moment(max(tally.hours)) if tally.hours else None,
            },
        )
        if is_first and tally.counts:
            # In one order always, so that two batches cannot wait for each other.
            rows = sorted(tally.counts.items())
            with connection.cursor() as cursor:
                cursor.execute(
                    _ADD,
                    [
                        [moment(hour) for (_dimension, hour, _value), _number in rows],
                        [str(dimension) for (dimension, _hour, _value), _number in rows],
                        [value for (_dimension, _hour, value), _number in rows],
                        [number for _cell, number in rows],
                    ],
                )
    return is_first


def _sketch(tally: Tally) -> None:
    for day, cells in tally.visitors.items():
        store.add_visitors(day, min(hour for hour in tally.hours if day_of(hour) == day), cells)
