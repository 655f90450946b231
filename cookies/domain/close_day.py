"""The single entry point for ending a day: its visitors become numbers, and what could recognise one is removed."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from cookies.models import DailyCount, DailyVisitors, PurgeCertificate
from cookies.models.traffic import Dimension
from cookies.traffic import store

_WHOLE_DAY = ("", "")


def close_days() -> int:
    """Close every day before today that is still open; how many were closed. Killed anywhere, it can be repeated.

    A day whose sketches were lost with Valkey is closed as well, and says that its visitors are not known.
    """
    today = timezone.localdate()
    open_here = {dt.date.fromisoformat(day) for day in store.open_days()}
    due = sorted(day for day in open_here | _never_closed(today) if day < today)
    for day in due:
        close_day(day)
    return len(due)


def close_day(day: dt.date) -> None:
    """Write how many visitors each cell of the day had, then remove the sketches and the salt."""
    visitors = {(*cell.split("\t"),): number for cell, number in store.visitors_of(day.isoformat()).items()}
    visitors.setdefault(_WHOLE_DAY, 0)
    with transaction.atomic():
        known = {(row.dimension, row.value): row for row in DailyVisitors.objects.select_for_update().filter(day=day)}
        before = known.get(_WHOLE_DAY)
        # A day is closed twice when a batch came late; the late sketch knows only the late visitors.
        partial = _is_partial(day) or bool(before and (before.partial or before.visitors != visitors[_WHOLE_DAY]))
        rows = [
            DailyVisitors(
                day=day,
                dimension=cell[0],
                value=cell[1],
                visitors=max(number, known[cell].visitors) if cell in known else number,
                partial=partial,
            )
            for cell, number in visitors.items()
        ]
        DailyVisitors.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["day", "dimension", "value"],
            update_fields=["visitors", "partial"],
        )
    store.close(day.isoformat())


def _never_closed(today: dt.date) -> set[dt.date]:
    """Past days with page views of which no number of visitors was ever written."""
    closed = DailyVisitors.objects.filter(dimension="", value="").values("day")
    counted = DailyCount.objects.filter(dimension=Dimension.PAGE, day__lt=today).exclude(day__in=closed)
    return set(counted.values_list("day", flat=True))


def _is_partial(day: dt.date) -> bool:
    """Whether visitors of this day may be missing: Valkey lost its sketches, or page views had to be dropped."""
    start = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    end = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
    sketched_in = PurgeCertificate.objects.filter(
        hits__gt=0, valkey_life__isnull=False, first_hour__lt=end, last_hour__gte=start
    )
    lives = set(sketched_in.values_list("valkey_life", flat=True))
    if lives - {uuid.UUID(store.life())}:
        return True
    return DailyCount.objects.filter(dimension=Dimension.DROPPED, day=day).exists()
