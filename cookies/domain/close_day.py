"""The single entry point for ending a day: its visitors become numbers, and what could recognise one is removed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from cookies.models import DailyVisitors, HourlyCount
from cookies.models.traffic import Dimension
from cookies.traffic import store
from cookies.traffic.hit import moment


def close_days() -> int:
    """Close every day before today that is still open; how many were closed. Killed anywhere, it can be repeated."""
    today = timezone.localdate().isoformat()
    due = [day for day in store.open_days() if day < today]
    for day in due:
        close_day(dt.date.fromisoformat(day))
    return len(due)


def close_day(day: dt.date) -> None:
    """Write how many visitors each cell of the day had, then remove the sketches and the salt."""
    visitors = store.visitors_of(day.isoformat())
    partial = _lost_its_beginning(day)
    with transaction.atomic():
        known = {(row.dimension, row.value): row for row in DailyVisitors.objects.select_for_update().filter(day=day)}
        rows = []
        for cell, number in visitors.items():
            dimension, value = cell.split("\t")
            before = known.get((dimension, value))
            # A day is closed twice when a batch came late; the late sketch knows only the late visitors.
            number = max(number, before.visitors) if before else number
            partial_now = partial or bool(before and before.partial)
            rows.append(DailyVisitors(day=day, dimension=dimension, value=value, visitors=number, partial=partial_now))
        DailyVisitors.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["day", "dimension", "value"],
            update_fields=["visitors", "partial"],
        )
    store.close(day.isoformat())


def _lost_its_beginning(day: dt.date) -> bool:
    """Whether page views were counted in an hour of this day that the sketches do not know of."""
    since = store.seen_since(day.isoformat())
    start = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    first = HourlyCount.objects.filter(
        dimension=Dimension.PAGE, hour__gte=start, hour__lt=start + dt.timedelta(days=1)
    ).aggregate(first=Min("hour"))["first"]
    return first is not None and (since is None or first < moment(since))
