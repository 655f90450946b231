"""What the statistics show: no number that fewer than ten visitors stand behind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from redis.exceptions import RedisError

from cookies.domain.aggregate import cell_name
from cookies.models import DailyVisitors, HourlyCount, PurgeCertificate
from cookies.models.traffic import Dimension
from cookies.traffic import store

# Below this a number could be somebody.
FEWEST_VISITORS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """One number that may be shown; `value` is None for what was merged."""

    value: str | None
    views: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day; `views` and `visitors` are None when too few visitors stand behind them."""

    day: dt.date
    views: int | None
    visitors: int | None
    partial: bool = False


def breakdown(dimension: str, first: dt.date, last: dt.date) -> list[Cell]:
    """Page views by the values of one dimension, the largest first.

    A value is shown when on one day of the period at least ten different visitors were behind it. The smaller ones are
    merged, together with the smallest that could have been shown: so ten visitors stand behind the merged number too,
    and it cannot be told by subtraction what a single small value was. When nothing could be shown, nothing is.
    """
    counted = (
        HourlyCount.objects.filter(dimension=dimension, **_between(first, last))
        .values_list("value")
        .annotate(views=Sum("count"))
        .order_by("-views", "value")
    )
    visitors = _most_visitors_of_a_day(dimension, first, last)
    shown, merged = [], []
    for value, views in counted:
        (shown if visitors.get(value, 0) >= FEWEST_VISITORS else merged).append(Cell(value, views))
    if merged and shown:
        merged.append(shown.pop())
    if not shown and not (merged and visitors.get(merged[-1].value, 0) >= FEWEST_VISITORS):
        return []
    if merged:
        shown.append(Cell(None, sum(cell.views for cell in merged)))
    return shown


def by_day(first: dt.date, last: dt.date) -> list[Day]:
    """Page views and visitors of each day of the period, the earliest first."""
    views = dict(
        HourlyCount.objects.filter(dimension=Dimension.PAGE, **_between(first, last))
        .annotate(day=TruncDate("hour"))
        .values_list("day")
        .annotate(views=Sum("count"))
        .order_by("day")
    )
    closed = {
        row.day: row for row in DailyVisitors.objects.filter(dimension="", value="", day__gte=first, day__lte=last)
    }
    live = {day: cells.get(cell_name("", ""), 0) for day, cells in _open_days(first, last).items()}
    days = []
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        row = closed.get(day)
        visitors = max(row.visitors if row else 0, live.get(day, 0))
        if not views.get(day):
            days.append(Day(day, 0, 0))
        elif visitors < FEWEST_VISITORS:
            days.append(Day(day, None, None, bool(row and row.partial)))
        else:
            days.append(Day(day, views[day], visitors, bool(row and row.partial)))
    return days


def not_counted(first: dt.date, last: dt.date) -> int:
    """Page views that were dropped because Valkey was away for too long."""
    dropped = HourlyCount.objects.filter(dimension=Dimension.DROPPED, **_between(first, last))
    return dropped.aggregate(number=Sum("count"))["number"] or 0


def last_purge() -> PurgeCertificate | None:
    """The certificate of the batch that was removed last."""
    return PurgeCertificate.objects.order_by("-aggregated_at").first()


def _most_visitors_of_a_day(dimension: str, first: dt.date, last: dt.date) -> dict[str, int]:
    most = dict(
        DailyVisitors.objects.filter(dimension=dimension, day__gte=first, day__lte=last)
        .values_list("value")
        .annotate(most=Max("visitors"))
    )
    for cells in _open_days(first, last).values():
        for cell, number in cells.items():
            cell_dimension, value = cell.split("\t")
            if cell_dimension == dimension:
                most[value] = max(most.get(value, 0), number)
    return most


def _open_days(first: dt.date, last: dt.date) -> dict[dt.date, dict[str, int]]:
    """The sketches of days that are not closed yet; none while Valkey is away, so that less is shown and not more."""
    try:
        days = [dt.date.fromisoformat(day) for day in store.open_days()]
        return {day: store.visitors_of(day.isoformat()) for day in days if first <= day <= last}
    except RedisError:
        return {}


def _between(first: dt.date, last: dt.date) -> dict[str, dt.datetime]:
    start = timezone.make_aware(dt.datetime.combine(first, dt.time.min))
    end = timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min))
    return {"hour__gte": start, "hour__lt": end}
