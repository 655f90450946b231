"""Staff read the statistics, the certificates and the declared cookies here; nothing of it can be changed by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import cookie_consent.admin  # noqa: F401 - registers the pages that are replaced below
from cookie_consent.models import Cookie, CookieGroup, LogItem
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from cookies import queries
from cookies.chart import draw
from cookies.models import HourlyCount, PurgeCertificate
from cookies.models.traffic import Dimension

PERIODS = (7, 30, 90, 365)  # days
_SHOWN = (Dimension.PAGE, Dimension.REFERRER, Dimension.DEVICE, Dimension.LANGUAGE)

# The groups are declared in the code. A row changed by hand would say what no browser finds, and the library's log is
# replaced by the consent events.
for _model in (Cookie, CookieGroup, LogItem):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PurgeCertificate)
class PurgeCertificateAdmin(ReadOnlyAdmin):
    list_display = ("aggregated_at", "hits", "withdrawn", "first_hour", "last_hour", "batch_id")
    date_hierarchy = "aggregated_at"
    ordering = ("-aggregated_at",)


@admin.register(CookieGroup)
class CookieGroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "varname", "is_required", "description")


@admin.register(HourlyCount)
class StatisticsAdmin(ReadOnlyAdmin):
    """The list of the counts is the page of statistics: the single counts of an hour are too small to be shown."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        length = _period(request)
        last = timezone.localdate()
        first = last - dt.timedelta(days=length - 1)
        days = queries.by_day(first, last)
        tables = [(dimension.label, queries.breakdown(dimension, first, last)) for dimension in _SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Traffic statistics"),
            "opts": self.model._meta,
            "periods": PERIODS,
            "length": length,
            "days": days,
            "views": sum(day.views or 0 for day in days),
            "withheld": any(day.views is None for day in days),
            "chart": draw([_bar(day) for day in days]),
            "tables": tables,
            "not_counted": queries.not_counted(first, last),
            "last_purge": queries.last_purge(),
            "fewest": queries.FEWEST_VISITORS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/cookies/statistics.html", context)


def _period(request: HttpRequest) -> int:
    sent = request.GET.get("days", "")
    return int(sent) if sent in {str(days) for days in PERIODS} else PERIODS[1]


def _bar(day: queries.Day) -> tuple[str, int, str]:
    label = date_format(day.day, "j M")
    if day.views is None:
        return label, 0, _("%(day)s: fewer than ten visitors") % {"day": label}
    words = _("%(day)s: %(views)s page views") % {"day": label, "views": number_format(day.views, force_grouping=True)}
    return label, day.views, words
