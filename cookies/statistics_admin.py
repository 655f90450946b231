"""The screen of the traffic statistics: any period beside the one before it, and the same numbers as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cookies import export, queries
from cookies.chart import draw, draw_steps
from cookies.models import HourlyCount
from cookies.models.traffic import Dimension, Robot, Step
from cookies.queries import Cell, Period, rounded
from privacy.staff import ReadOnly

LENGTHS = (1, 7, 30, 90, 365)  # days
LONGEST = 3 * 366
ROWS = 25
# Beyond so many days a bar stands for a week: more of them nobody can tell apart, or wants to hear read out.
MOST_BARS = 120

_TABLES = (
    Dimension.PAGE,
    Dimension.ENTRY,
    Dimension.EXIT,
    Dimension.REFERRER,
    Dimension.DEVICE,
    Dimension.LANGUAGE,
    Dimension.COUNTRY,
    Dimension.NO_RESULT,
)


class PeriodForm(forms.Form):
    """The days to look at, both included."""

    first = forms.DateField(label=gettext_lazy("From"), widget=AdminDateWidget)
    last = forms.DateField(label=gettext_lazy("To"), widget=AdminDateWidget)

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        first, last = chosen.get("first"), chosen.get("last")
        if first and last:
            if first > last:
                raise forms.ValidationError(_("The first day is after the last one. Please swap them."))
            if (last - first).days >= LONGEST:
                raise forms.ValidationError(_("Please choose at most three years."))
            if first.year < 2000 or last.year > 9000:
                raise forms.ValidationError(_("Please choose days on which the store was open."))
        return chosen


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a value, its number, and how it stands to the period before."""

    name: str
    views: int
    change: str


@admin.register(HourlyCount)
class StatisticsAdmin(ReadOnly, admin.ModelAdmin):
    """The list of the counts is the page of statistics: the single counts of an hour are too small to be shown."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET if {"first", "last"} & set(request.GET) else None)
        first, last = _chosen(request, form)
        shown = queries.period(first, last)
        match request.GET.get("format"):
            case "csv":
                return _file(export.as_csv(shown), "text/csv", f"traffic-{first}-{last}.csv")
            case "json":
                return _file(export.as_json(shown), "application/json", f"traffic-{first}-{last}.json")
        before = queries.period(*shown.before())
        columns = _columns(shown.days)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Traffic statistics"),
            "opts": self.model._meta,
            "form": form if form.is_bound else PeriodForm(initial={"first": first, "last": last}),
            "spans": [_span(length) for length in LENGTHS],
            "shown": shown,
            "before": before,
            "tiles": _tiles(shown, before),
            "chart": draw([_bar(span) for span in columns]),
            "by_week": len(columns) < len(shown.days),
            "steps": draw_steps([(Step(cell.value).label, rounded(cell.visitors)) for cell in shown.funnel]),
            "tables": [(d.label, *_lines(shown.cells.get(d, []), before.cells.get(d, []))) for d in _TABLES],
            "days": [(span, _rounded(span.views), _rounded(span.visitors)) for span in reversed(columns)],
            "robots": [(Robot(reason).label, number) for reason, number in shown.robots.items() if number],
            "last_purge": queries.last_purge(),
            "fewest": queries.FEWEST_VISITORS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cookies/statistics.html", context)


def _chosen(request: HttpRequest, form: PeriodForm) -> tuple[dt.date, dt.date]:
    if form.is_bound and form.is_valid():
        return form.cleaned_data["first"], form.cleaned_data["last"]
    sent = request.GET.get("days", "")
    length = int(sent) if sent in {str(days) for days in LENGTHS} else 30
    today = timezone.localdate()
    return today - dt.timedelta(days=length - 1), today


def _span(length: int) -> tuple[str, str, str]:
    today = timezone.localdate()
    words = _("today") if length == 1 else _("%(number)s days") % {"number": length}
    return words, (today - dt.timedelta(days=length - 1)).isoformat(), today.isoformat()


def _file(content: str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rounded(number: int | None) -> int | None:
    return None if number is None else rounded(number)


def _tiles(shown: Period, before: Period) -> list[tuple[str, int, str]]:
    """What the period comes to, each with its change; orders where enough visitors paid for one."""
    paid = {cell.value: cell.views for cell in shown.funnel}.get(Step.PAID.value)
    paid_before = {cell.value: cell.views for cell in before.funnel}.get(Step.PAID.value)
    tiles = [
        (_("page views"), rounded(shown.views), _change(shown.views, before.views)),
        (_("visits"), rounded(shown.visits), _change(shown.visits, before.visits)),
        (_("visitors, day by day"), rounded(shown.visitors), _change(shown.visitors, before.visitors)),
    ]
    return tiles if paid is None else [*tiles, (_("orders paid"), rounded(paid), _change(paid, paid_before))]


def _change(now: int, before: int | None) -> str:
    if not before:
        return ""
    return f"{round(100 * (now - before) / before):+d} %"


def _lines(cells: list[Cell], before: list[Cell]) -> tuple[list[Line], int]:
    former = {cell.value: cell.views for cell in before}
    lines = [
        Line(_name(cell), rounded(cell.views), _change(cell.views, former.get(cell.value))) for cell in cells[:ROWS]
    ]
    return lines, max(0, len(cells) - ROWS)


def _name(cell: Cell) -> str:
    if cell.value is None:
        return _("other")
    return cell.value or _("everywhere")


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or the days of a week that lie in the period; None where too few visitors stand behind each of its days."""

    first: dt.date
    last: dt.date
    views: int | None
    visitors: int | None
    partial: bool

    def __str__(self) -> str:
        first, last = (date_format(day, "MONTH_DAY_FORMAT") for day in (self.first, self.last))
        return first if first == last else f"{first} – {last}"


def _columns(days: list[queries.Day]) -> list[Column]:
    if len(days) <= MOST_BARS:
        return [Column(day.day, day.day, day.views, day.visitors, day.partial) for day in days]
    weeks = groupby(days, key=lambda day: day.day.isocalendar()[:2])
    return [_column(list(of_week)) for _week, of_week in weeks]


def _column(days: list[queries.Day]) -> Column:
    told = [day for day in days if day.views is not None]
    views = sum(day.views or 0 for day in told) if told else None
    visitors = sum(day.visitors or 0 for day in told) if told else None
    return Column(days[0].day, days[-1].day, views, visitors, any(day.partial for day in days))


def _bar(column: Column) -> tuple[str, int, str]:
    label = date_format(column.first, "MONTH_DAY_FORMAT")
    if column.views is None:
        return label, 0, _("%(day)s: fewer than ten visitors") % {"day": column}
    views = rounded(column.views)
    words = _("%(day)s: %(views)s page views") % {"day": column, "views": number_format(views, force_grouping=True)}
    return label, views, words
