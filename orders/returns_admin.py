"""The desk of goods on their way back: what the buyer sent is looked at, written down, and then decided about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from djmoney.money import Money

from catalogue.pricing import formatted
from orders.desk_bulk import REFUSALS, may, shown_first
from orders.domain import returns
from orders.domain.states import RETURN
from orders.forms_return import ReturnStepForm
from orders.models import ReturnLine, ReturnNote, ReturnRequest
from privacy.photographs import as_jpeg
from privacy.staff import PersonalInline, ReadOnly, look_for_an_order, seen_lately, staff_subject

State = ReturnRequest.State
DECIDE, PAY = "orders.change_returnrequest", "orders.add_refund"


class ReturnLineInline(ReadOnly, admin.TabularInline):
    model = ReturnLine
    extra = 0
    fields = readonly_fields = ["line", "quantity"]


class ReturnNoteInline(PersonalInline):
    model = ReturnNote
    show_change_link = False


@admin.register(ReturnRequest)
class ReturnRequestAdmin(ReadOnly, admin.ModelAdmin):
    """Returns by what is waiting for staff."""

    list_display = ["__str__", "deed", "order", "state", "reason", "asked_at", "decided_at", "received_at"]
    list_filter = ["state", "reason", "asked_at"]
    search_fields = ["=order__number"]
    list_select_related = ["order"]
    inlines = [ReturnLineInline, ReturnNoteInline]
    exclude = ["key", "decided_by"]
    readonly_fields = ["deed"]
    actions = ["agree", "decline", "received_fit_for_sale", "received_not_fit_for_sale"]

    @admin.display(description=gettext_lazy("what can be done"))
    def deed(self, row: ReturnRequest) -> SafeString:
        return format_html('<a href="{}">{}</a>', _page(row, "judge"), _("Look and decide"))

    @admin.action(description=gettext_lazy("Agree: the buyer may send it"))
    def agree(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        return _decide(request, chosen, returns.agree, State.AGREED, _("Agree to these returns?"))

    @admin.action(description=gettext_lazy("Decline"))
    def decline(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        return _decide(request, chosen, returns.decline, State.DECLINED, _("Decline these returns?"))

    @admin.action(description=gettext_lazy("Received, fit for sale: back on the shelf, money back"))
    def received_fit_for_sale(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        def receive(pk: int, *, by: Any) -> None:
            lines = ReturnLine.objects.filter(request=pk).values_list("line_id", flat=True)
            returns.receive(pk, by=by, fit_for_sale=lines)

        may(request, PAY)
        return _decide(request, chosen, receive, State.RECEIVED, _("Take these back onto the shelf?"))

    @admin.action(description=gettext_lazy("Received, not fit for sale: money back"))
    def received_not_fit_for_sale(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        may(request, PAY)
        return _decide(request, chosen, returns.receive, State.RECEIVED, _("Pay these back without the goods?"))

    # --- one return on a page of its own ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/judge/", wrap(self.judge), name="orders_returnrequest_judge"),
            path("<int:pk>/<int:number>.jpg", wrap(self.picture), name="orders_returnrequest_picture"),
            *super().get_urls(),
        ]

    def picture(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """A photograph, for whoever wrote down a moment ago that they look at it."""
        may(request, DECIDE)
        note = get_object_or_404(ReturnNote, request=pk)
        kept = dict(enumerate(_photographs(note), 1)).get(number)
        if not kept or not seen_lately(request, [note]):
            raise Http404
        return HttpResponse(as_jpeg(kept), content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    def judge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was asked and sent, and the steps that may follow. Seeing what was sent is written down first."""
        may(request, DECIDE)
        row = get_object_or_404(ReturnRequest.objects.select_related("order", "refund"), pk=pk)
        note = ReturnNote.objects.filter(request=row).first()
        form = ReturnStepForm(row, request.POST if "step" in request.POST else None)
        if request.method == "POST" and "look" in request.POST and note is not None:
            look_for_an_order(request, [note], f"Deciding about return {row.pk}")
            return redirect(_page(row, "judge"))
        if request.method == "POST" and form.is_valid():
            if form.pays:
                may(request, PAY)
            try:
                form.take(by=staff_subject(request))
            except REFUSALS as refusal:
                form.add_error(None, str(refusal))
            else:
                row.refresh_from_db()
                messages.success(request, f"{row}: {row.get_state_display()}")
                return redirect(_page(row, "judge"))
        told = {
            "title": _("Return %(number)s of order %(order)s") % {"number": row.pk, "order": row.order},
            "opts": ReturnRequest._meta,
            "row": row,
            "lines": row.lines.select_related("line"),
            "worth": _worth(row),
            "form": form,
            "note": note,
            "photographs": list(range(1, len(_photographs(note)) + 1)) if note else [],
            "is_seen": note is not None and bool(seen_lately(request, [note])),
        }
        around = admin.site.each_context(request)
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/orders/return.html", around | told, status=status)


def _page(row: ReturnRequest, name: str) -> str:
    return reverse(f"admin:orders_returnrequest_{name}", args=[row.pk])


def _photographs(note: ReturnNote) -> list[str]:
    return list(filter(None, (note.photograph_1, note.photograph_2, note.photograph_3)))


def _worth(row: ReturnRequest) -> Money:
    return Money(returns.worth(row), row.order.currency)


def _decide(
    request: HttpRequest, chosen: QuerySet[ReturnRequest], do: Callable[..., Any], to: str, title: str
) -> HttpResponse | None:
    may(request, DECIDE)
    by = staff_subject(request)

    def preview(row: ReturnRequest) -> str:
        pieces = ", ".join(f"{r.quantity} × {r.line.name}" for r in row.lines.select_related("line"))
        then = [_("%(money)s go back") % {"money": formatted(_worth(row))}] if to == State.RECEIVED else []
        if not RETURN.allows(row.state, to):
            then = [_("cannot be done: %(state)s") % {"state": row.get_state_display()}]
        return " · ".join([str(row.order), pieces, str(row.get_reason_display()), *then])

    return shown_first(
        request, chosen.select_related("order"), title=title, preview=preview, do=lambda row: do(row.pk, by=by)
    )
