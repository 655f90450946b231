"""What the statistics show: no number that fewer than ten visitors stand behind."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max, Q, Sum
from django.utils import timezone
from redis.exceptions import RedisError

from cookies.domain.publish import (
    DIMENSIONS,
    FEWEST_VISITORS,
    closed_visitors_of,
    counts_of,
    next_month,
    suppress,
)
from cookies.models import DailyCount, DailyVisitors, PurgeCertificate, ShownCount
from cookies.models.traffic import Dimension, Robot, Step
from cookies.traffic import store

__all__ = ["FEWEST_VISITORS", "Cell", "Day", "Period", "last_purge", "period", "rounded"]

_Live = Mapping[dt.date, Mapping[str, int]]

# Shown numbers are rounded to a multiple of this, so that one visitor more or less is not seen.
ROUNDED_TO = 5


def rounded(number: int) -> int:
    """A number as it is shown and exported."""
    return round(number / ROUNDED_TO) * ROUNDED_TO


@dataclass(frozen=True, slots=True)
class Cell:
    """One number that may be shown; `value` is None for what was merged."""

    value: str | None
    views: int
    visitors: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One day; `views` and `visitors` are None when too few visitors stand behind them."""

    day: dt.date
    views: int | None
    visitors: int | None
    partial: bool = False


@dataclass(frozen=True)
class Period:
    """All that may be shown of some days, both included."""

    first: dt.date
    last: dt.date
    cells: Mapping[str, list[Cell]]
    days: list[Day]
    robots: Mapping[str, int]
    dropped: int

    @property
    def views(self) -> int:
        """Page views of the days that may be shown."""
        return sum(day.views or 0 for day in self.days)

    @property
    def visitors(self) -> int:
        """Visitors counted day by day; nobody is recognised on another day, so somebody who comes twice counts twice."""
        return sum(day.visitors or 0 for day in self.days)

    @property
    def visits(self) -> int:
        """Visits begun, as far as the pages on which they began may be shown."""
        return sum(cell.views for cell in self.cells.get(Dimension.ENTRY, []))

    @property
    def partial(self) -> bool:
        """Whether the visitors of a day are not complete, since Valkey was lost on it."""
        return any(day.partial for day in self.days)

    @property
    def withheld(self) -> int:
        """Days of which nothing is shown, since fewer than ten visitors stand behind them."""
        return sum(day.views is None for day in self.days)

    @property
    def funnel(self) -> list[Cell]:
        """The steps to an order in their order; a step of too few visitors is missing."""
        found = {cell.value: cell for cell in self.cells.get(Dimension.FUNNEL, [])}
        return [found[step.value] for step in Step if step.value in found]

    def before(self) -> tuple[dt.date, dt.date]:
        """The days of the period of the same length that ends where this one begins."""
        length = self.last - self.first
        return self.first - length - dt.timedelta(days=1), self.first - dt.timedelta(days=1)


def period(first: dt.date, last: dt.date) -> Period:
    """Everything of the days from `first` to `last`, read from what was published and, for today, held against the rule now."""
    published = ShownCount.objects.filter(span=ShownCount.Span.DAY).aggregate(last=Max("start"))["last"] or dt.date.min
    sums: dict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for dimension, value, merged, views, visitors in (
        ShownCount.objects.filter(_spans(first, last), dimension__in=DIMENSIONS)
        .values_list("dimension", "value", "merged")
        .annotate(Sum("views"), Sum("visitors"))
        .order_by()
    ):
        _add(sums, dimension, None if merged else value, views, visitors)
    live = {day: cells for day, cells in _open_days().items() if first <= day <= last}
    known = _known_days(first, last, live)
    for day, visitors_of_cells in _unpublished(max(first, published + dt.timedelta(days=1)), last, live).items():
        for shown in suppress(counts_of(day), visitors_of_cells):
            if shown.dimension:
                _add(sums, shown.dimension, shown.value, shown.views, shown.visitors)
            else:
                known[day] = Day(day, shown.views, shown.visitors, known[day].partial)
    cells: dict[str, list[Cell]] = defaultdict(list)
    for (dimension, value), (views, visitors) in sums.items():
        cells[dimension].append(Cell(value, views, visitors))
    for found in cells.values():
        found.sort(key=lambda cell: (cell.value is None, -cell.views, cell.value or ""))
    robots, dropped = _without_visitors(first, last)
    return Period(first, last, cells, list(known.values()), robots, dropped)


def last_purge() -> PurgeCertificate | None:
    """The certificate of the batch that was removed last."""
    return PurgeCertificate.objects.order_by("-aggregated_at").first()


def _add(
    sums: dict[tuple[str, str | None], list[int]], dimension: str, value: str | None, views: int, visitors: int
) -> None:
    cell = sums[dimension, value]
    cell[0] += views
    cell[1] += visitors


def _spans(first: dt.date, last: dt.date) -> Q:
    """The rows that make up the days: whole months where they were added up, and the days at both ends."""
    added = ShownCount.objects.filter(span=ShownCount.Span.MONTH).aggregate(last=Max("start"))["last"]
    days = Q(span=ShownCount.Span.DAY, start__gte=first, start__lte=last)
    if added is None:
        return days
    month = first if first.day == 1 else next_month(first)
    end = min(
        next_month(added), next_month(last) if last == next_month(last) - dt.timedelta(days=1) else last.replace(day=1)
    )
    if end <= month:
        return days
    months = Q(span=ShownCount.Span.MONTH, start__gte=month, start__lt=end)
    return months | (days & (Q(start__lt=month) | Q(start__gte=end)))


def _known_days(first: dt.date, last: dt.date, live: _Live) -> dict[dt.date, Day]:
    """Each day of the period: a number, or nought where nobody came, or nothing where too few did."""
    shown = {
        row.start: row
        for row in ShownCount.objects.filter(
            span=ShownCount.Span.DAY, dimension="", value="", start__gte=first, start__lte=last
        )
    }
    visited = dict(
        DailyVisitors.objects.filter(dimension="", value="", day__gte=first, day__lte=last).values_list(
            "day", "partial"
        )
    )
    # While Valkey is away its days are not known to have been empty.
    recent = timezone.localdate() - dt.timedelta(days=1)
    counted = set(
        DailyCount.objects.filter(dimension=Dimension.DEVICE, day__gte=max(first, recent), day__lte=last)
        .values_list("day", flat=True)
        .distinct()
    )
    known = {}
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        if row := shown.get(day):
            known[day] = Day(day, row.views, row.visitors, row.partial)
        elif day in visited or day in live or day in counted:
            known[day] = Day(day, None, None, visited.get(day, False))
        else:
            known[day] = Day(day, 0, 0)
    return known


def _unpublished(first: dt.date, last: dt.date, live: _Live) -> dict[dt.date, dict[tuple[str, str], int]]:
    """The visitors of each day that was not published yet: closed a moment ago, or still open."""
    found: dict[dt.date, dict[tuple[str, str], int]] = {}
    for day in DailyVisitors.objects.filter(dimension="", value="", day__gte=first, day__lte=last).values_list(
        "day", flat=True
    ):
        found[day] = closed_visitors_of(day)
    for day, cells in live.items():
        merged = found.setdefault(day, {})
        for cell, number in cells.items():
            dimension, _tab, value = cell.partition("\t")
            merged[dimension, value] = max(merged.get((dimension, value), 0), number)
    return found


def _open_days() -> dict[dt.date, dict[str, int]]:
    """The sketches of days that are not closed yet; none while Valkey is away, so that less is shown and not more."""
    try:
        return {dt.date.fromisoformat(day): store.visitors_of(day) for day in store.open_days()}
    except RedisError:
        return {}


def _without_visitors(first: dt.date, last: dt.date) -> tuple[dict[str, int], int]:
    """Requests of robots by the reason, and page views that were lost while Valkey was away: nobody stands behind them."""
    sums = {
        (dimension, value): number
        for dimension, value, number in DailyCount.objects.filter(
            dimension__in=[Dimension.ROBOT, Dimension.DROPPED], day__gte=first, day__lte=last
        )
        .values_list("dimension", "value")
        .annotate(Sum("count"))
    }
    robots = {reason.value: sums.get((Dimension.ROBOT, reason.value), 0) for reason in Robot}
    return robots, sum(number for (dimension, _value), number in sums.items() if dimension == Dimension.DROPPED)
