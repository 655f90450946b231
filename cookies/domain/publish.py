"""From counts to what may be shown: a day is held against the rule of ten visitors once, by itself, and for good.

Because each day is suppressed by itself, two periods that overlap differ by whole days that may be shown, and no number of
a few visitors can be had by subtracting one from the other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Min, Sum
from django.utils import timezone

from cookies.models import DailyCount, DailyVisitors, ShownCount
from cookies.models.traffic import Dimension

# Below this a number could be somebody.
FEWEST_VISITORS = 10

# What is counted by visitors and therefore suppressed; robots and losses have no visitor behind them.
DIMENSIONS = (
    Dimension.PAGE,
    Dimension.ENTRY,
    Dimension.EXIT,
    Dimension.REFERRER,
    Dimension.DEVICE,
    Dimension.LANGUAGE,
    Dimension.COUNTRY,
    Dimension.NO_RESULT,
    Dimension.FUNNEL,
)

Visitors = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Shown:
    """One number of a day that may be shown; `value` is None for what was merged."""

    dimension: str
    value: str | None
    views: int
    visitors: int = 0


def suppress(counts: Iterable[tuple[str, str, int]], visitors: Visitors) -> list[Shown]:
    """What of one day may be shown, from (dimension, value, page views) and the visitors behind each.

    A cell of fewer than ten visitors is merged with the others of its kind and with the smallest that could have been
    shown, so that ten visitors stand behind the merged number too and it cannot be told by subtraction. Where no cell is
    large enough, nothing of that dimension is shown. Nothing is written of visitors behind a merged number.
    """
    cells: dict[str, list[Shown]] = defaultdict(list)
    for dimension, value, views in counts:
        if dimension in DIMENSIONS and views > 0:
            behind = Dimension.PAGE if dimension == Dimension.EXIT else dimension
            number = visitors.get((behind, value), 0)
            if dimension == Dimension.EXIT:
                # Nobody counts who left; as many as there are exits at most, and they are among the page's visitors.
                number = min(number, views)
            cells[dimension].append(Shown(dimension, value, views, number))
    shown: list[Shown] = []
    for dimension, found in cells.items():
        found.sort(key=lambda cell: (-cell.views, cell.value or ""))
        large = [cell for cell in found if cell.visitors >= FEWEST_VISITORS]
        small = [cell for cell in found if cell.visitors < FEWEST_VISITORS]
        if not large:
            continue
        if small:
            small.append(large.pop())
            large.append(Shown(dimension, None, sum(cell.views for cell in small)))
        shown += large
    whole = visitors.get(("", ""), 0)
    if whole >= FEWEST_VISITORS:
        shown.append(Shown("", "", sum(cell.views for cell in cells[Dimension.PAGE]), whole))
    return shown


def counts_of(day: dt.date) -> list[tuple[str, str, int]]:
    """What was counted on a day."""
    return list(DailyCount.objects.filter(day=day).values_list("dimension", "value", "count"))


def closed_visitors_of(day: dt.date) -> dict[tuple[str, str], int]:
    """The visitors of a closed day."""
    rows = DailyVisitors.objects.filter(day=day).values_list("dimension", "value", "visitors")
    return {(dimension, value): number for dimension, value, number in rows}


def publish_closed_days() -> int:
    """Decide what is shown of every closed day that has not been published, then add up months that are over."""
    published = ShownCount.objects.filter(span=ShownCount.Span.DAY).aggregate(last=Max("start"))["last"]
    closed = DailyVisitors.objects.filter(dimension="", value="", day__lt=timezone.localdate())
    if published:
        closed = closed.filter(day__gt=published)
    days = sorted(closed.values_list("day", "partial"))
    for day, partial in days:
        _publish(day, partial=partial)
    _add_up_months()
    return len(days)


def _publish(day: dt.date, *, partial: bool) -> None:
    rows = [
        ShownCount(
            span=ShownCount.Span.DAY,
            start=day,
            dimension=cell.dimension,
            value=cell.value or "",
            merged=cell.value is None,
            views=cell.views,
            visitors=cell.visitors,
            partial=partial,
        )
        for cell in suppress(counts_of(day), closed_visitors_of(day))
    ]
    ShownCount.objects.bulk_create(rows, ignore_conflicts=True)


def _add_up_months() -> None:
    """A month that is over, and of which no late day can come any more, becomes one row per cell."""
    days = ShownCount.objects.filter(span=ShownCount.Span.DAY)
    first = days.aggregate(first=Min("start"))["first"]
    added = ShownCount.objects.filter(span=ShownCount.Span.MONTH).aggregate(last=Max("start"))["last"]
    month = next_month(added) if added else first and first.replace(day=1)
    # Two days after its end every sketch of a month is closed.
    while month and next_month(month) + dt.timedelta(days=2) <= timezone.localdate():
        sums = (
            days.filter(start__gte=month, start__lt=next_month(month))
            .values("dimension", "value", "merged")
            .annotate(sum_views=Sum("views"), sum_visitors=Sum("visitors"))
        )
        with transaction.atomic():
            ShownCount.objects.bulk_create(
                [
                    ShownCount(
                        span=ShownCount.Span.MONTH,
                        start=month,
                        dimension=row["dimension"],
                        value=row["value"],
                        merged=row["merged"],
                        views=row["sum_views"],
                        visitors=row["sum_visitors"],
                    )
                    for row in sums
                ],
                ignore_conflicts=True,
            )
        month = next_month(month)


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after this one."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
