"""What is left of personal values and why: by table, by law, and whatever has outlived its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from privacy.internal import archive, retention
from privacy.internal.retention import A_NIGHT, Rule
from privacy.models import Erasure, LegalHold

# A hold that may concern a row beyond its day; the archive's own function looks at each column.
_HELD = (
    "EXISTS (SELECT 1 FROM privacy_legalhold h WHERE h.table_name = %(table)s AND h.row_id IN ('', d.key::text) "
    "AND h.lifted_at IS NULL AND h.until > %(now)s)"
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Values past their day: in which table, how many records, and since when the oldest."""

    table: str
    records: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Left:
    """What one table still holds: how many records, why, how many whose clock has not begun, and the next and last day."""

    table: str
    records: int
    waiting: int
    because: str
    next_day: dt.datetime | None
    last_day: dt.datetime | None
    # Set for what only a law keeps.
    law: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is left, why, and what is late."""

    in_use: list[Left]
    kept_apart: list[Left]
    holds: list[LegalHold]
    open_erasures: int
    overdue: list[Overdue]


def _one(sql: str, **parameters: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


def due_counts(rule: Rule, now: dt.datetime) -> tuple[int, int]:
    """How many records of one table would be removed now, and how many moved apart."""
    # doubled, since it is executed together with parameters
    dated = retention.dated_sql(rule).replace("%", "%%")
    total, moved = _one(
        f"SELECT count(*), count(*) FILTER (WHERE d.law_ends > %(now)s OR {_HELD}) FROM ({dated}) d "  # noqa: S608
        "WHERE d.leaves_at <= %(now)s",
        now=now,
        table=rule.table,
    )
    return total - moved, moved


def overdue(now: dt.datetime | None = None) -> list[Overdue]:
    """Every table, and every law's part of the archive, in which something is more than a night past its day.

    Empty is what the store promises. One short statement per table.
    """
    last_night = (now or timezone.now()) - A_NIGHT
    late = []
    for rule in retention.rules():
        dated = retention.dated_sql(rule).replace("%", "%%")
        count, since = _one(
            f"SELECT count(*), min(d.leaves_at) FROM ({dated}) d WHERE d.leaves_at <= %(then)s",  # noqa: S608
            then=last_night,
        )
        if count:
            late.append(Overdue(rule.table, count, since))
    late += [Overdue(f"law_archive: {c.table}", c.due, c.first_day) for c in archive.counts(last_night) if c.due]
    return late


def records_overdue(now: dt.datetime | None = None) -> int:
    """How many records are past their day; the store promises none."""
    return sum(late.records for late in overdue(now))


def report(now: dt.datetime | None = None) -> Report:
    """What is left and why."""
    now = now or timezone.now()
    in_use = []
    for rule in retention.rules():
        dated = retention.dated_sql(rule).replace("%", "%%")
        records, waiting, first, last = _one(
            "SELECT count(*), count(*) FILTER (WHERE d.leaves_at IS NULL), min(d.leaves_at), max(d.dies_at) "  # noqa: S608
            f"FROM ({dated}) d"
        )
        in_use.append(Left(rule.table, records, waiting, rule.reason.because, first, last))
    return Report(
        in_use=in_use,
        kept_apart=[
            Left(c.table, c.kept, 0, retention.law_named(c.law), c.first_day, c.last_day, c.law)
            for c in archive.counts(now)
        ],
        holds=list(LegalHold.objects.filter(lifted_at=None, until__gt=now).order_by("table_name", "until")),
        open_erasures=Erasure.objects.filter(done_at=None).count(),
        overdue=overdue(now),
    )
