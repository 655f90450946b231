"""The order desk at work: pack, print, cancel, take back. Each action is the domain's own, shown before it is done."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pypdf import PdfWriter

from orders.documents.papers import invoice_pdf, packing_slip_pdf
from orders.domain import cancelling, parcels, refunding, returns
from orders.models import Order, OrderAction, Parcel, ParcelLine, ParcelScan, ReturnLine, ReturnRequest
from privacy.restriction import restricted_because
from privacy.staff import staff_subject


class CannotDo(Exception):
    """The text is a sentence for staff."""


_REFUSALS = (parcels.CannotPack, cancelling.CannotCancel, returns.CannotReturn, refunding.CannotRefund, CannotDo)


def shown_first(
    request: HttpRequest,
    chosen: QuerySet[Any],
    *,
    title: str,
    preview: Callable[[Any], str],
    do: Callable[[Any], Any],
) -> HttpResponse | None:
    """Show what an action would do to each row; do it when that was confirmed. One refusal does not stop the others."""
    if "confirmed" not in request.POST:
        return TemplateResponse(
            request,
            "admin/orders/preview.html",
            {
                **admin.site.each_context(request),
                "title": title,
                "rows": [(row, preview(row)) for row in chosen],
                "action": request.POST["action"],
                "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "checkbox": ACTION_CHECKBOX_NAME,
                "opts": chosen.model._meta,
            },
        )
    done = 0
    for row in chosen:
        try:
            do(row)
            done += 1
        except _REFUSALS as refusal:
            messages.error(request, f"{row}: {refusal}")
    messages.success(request, ngettext("Done for %(number)s.", "Done for %(number)s.", done) % {"number": done})
    return None


def printed(request: HttpRequest, orders: Iterable[Order], sheets: Iterable[bytes], name: str) -> HttpResponse:
    """Several papers as one file, each order's printing written down."""
    together, file = PdfWriter(), io.BytesIO()
    for sheet in sheets:
        together.append(io.BytesIO(sheet))
    if not together.pages:
        raise CannotDo(_("There is nothing to print."))
    together.write(file)
    by = staff_subject(request)
    OrderAction.objects.bulk_create(OrderAction(order=order, kind=OrderAction.Kind.PRINTED, by=by) for order in orders)
    return HttpResponse(
        file.getvalue(),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )


class OrderDesk:
    """What staff do with orders, beside reading them; mixed into the admin of orders."""

    actions = ("pack_what_is_left", "cancel_and_refund", "print_invoices")

    @admin.action(description=gettext_lazy("Pack what is left, and tell the courier"))
    def pack_what_is_left(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        _may(request, "orders.add_parcel")
        by = staff_subject(request)
        return shown_first(
            request,
            chosen,
            title=_("Pack these orders?"),
            preview=lambda order: _in_words(order, parcels.left_to_pack(order)),
            do=lambda order: parcels.pack(order.pk, by=by),
        )

    @admin.action(description=gettext_lazy("Cancel, and give the money back"))
    def cancel_and_refund(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        _may(request, "orders.add_refund")
        by = staff_subject(request)
        return shown_first(
            request,
            chosen,
            title=_("Cancel these orders?"),
            preview=lambda order: (
                f"{order.total} {order.currency}" if cancelling.can_cancel(order) else _("cannot be cancelled")
            ),
            do=lambda order: cancelling.cancel(order.pk, by=by),
        )

    @admin.action(description=gettext_lazy("Print invoices"))
    def print_invoices(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        _may(request, "orders.view_order")
        paid = [order for order in chosen.select_related("delivery_address") if order.paid_at]
        return _or_say_why(request, lambda: printed(request, paid, map(invoice_pdf, paid), "invoices"))


class ParcelLineInline(admin.TabularInline):
    model = ParcelLine
    extra = 0
    fields = readonly_fields = ["line", "quantity"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParcelScanInline(admin.TabularInline):
    model = ParcelScan
    extra = 0
    fields = readonly_fields = ["state", "happened_at", "received_at"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _MovedByTheDomain(admin.ModelAdmin):
    """Rows whose state follows from what happens, never from a form."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]


@admin.register(Parcel)
class ParcelAdmin(_MovedByTheDomain):
    """Parcels by what is waiting for the courier."""

    list_display = ["__str__", "order", "state", "waits", "packed_at", "handed_over_at", "delivered_at"]
    list_filter = ["state", "courier", "packed_at"]
    search_fields = ["=tracking_number", "=order__number"]
    list_select_related = ["order__delivery_address"]
    inlines = [ParcelLineInline, ParcelScanInline]
    actions = ["print_packing_slips", "unpack"]

    @admin.display(description=gettext_lazy("waits because"))
    def waits(self, parcel: Parcel) -> str:
        """Why the courier was not told yet: its address is not used while the person contests it."""
        return _restricted(parcel) if parcel.state == Parcel.State.PACKED else ""

    @admin.action(description=gettext_lazy("Print packing slips"))
    def print_packing_slips(self, request: HttpRequest, chosen: QuerySet[Parcel]) -> HttpResponse | None:
        found = list(chosen.select_related("order__delivery_address"))
        if waits := next(filter(None, map(_restricted, found)), ""):
            messages.error(request, waits)
            return None
        orders = {parcel.order_id: parcel.order for parcel in found}.values()
        return _or_say_why(request, lambda: printed(request, orders, map(packing_slip_pdf, found), "packing-slips"))

    @admin.action(description=gettext_lazy("Take apart again"))
    def unpack(self, request: HttpRequest, chosen: QuerySet[Parcel]) -> HttpResponse | None:
        _may(request, "orders.change_parcel")
        by = staff_subject(request)
        return shown_first(
            request,
            chosen,
            title=_("Take these parcels apart?"),
            preview=lambda parcel: parcel.get_state_display(),
            do=lambda parcel: parcels.unpack(parcel.pk, by=by),
        )


def _restricted(parcel: Parcel) -> str:
    address = getattr(parcel.order, "delivery_address", None)
    return restricted_because(address) if address is not None else ""


class ReturnLineInline(admin.TabularInline):
    model = ReturnLine
    extra = 0
    fields = readonly_fields = ["line", "quantity"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ReturnRequest)
class ReturnRequestAdmin(_MovedByTheDomain):
    """Returns by what is waiting for staff."""

    list_display = ["__str__", "order", "state", "reason", "asked_at", "decided_at", "received_at"]
    list_filter = ["state", "reason", "asked_at"]
    search_fields = ["=order__number"]
    list_select_related = ["order"]
    inlines = [ReturnLineInline]
    actions = ["agree", "decline", "received_fit_for_sale", "received_not_fit_for_sale"]

    @admin.action(description=gettext_lazy("Agree: the buyer may send it"))
    def agree(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        return self._decide(request, chosen, returns.agree, _("Agree to these returns?"))

    @admin.action(description=gettext_lazy("Decline"))
    def decline(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        return self._decide(request, chosen, returns.decline, _("Decline these returns?"))

    @admin.action(description=gettext_lazy("Received, fit for sale: back on the shelf, money back"))
    def received_fit_for_sale(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        def receive(pk: int, *, by: Any) -> None:
            lines = ReturnLine.objects.filter(request=pk).values_list("line_id", flat=True)
            returns.receive(pk, by=by, fit_for_sale=lines)

        return self._decide(request, chosen, receive, _("Take these back onto the shelf?"))

    @admin.action(description=gettext_lazy("Received, not fit for sale: money back"))
    def received_not_fit_for_sale(self, request: HttpRequest, chosen: QuerySet[ReturnRequest]) -> HttpResponse | None:
        return self._decide(request, chosen, returns.receive, _("Pay these back without the goods?"))

    @staticmethod
    def _decide(
        request: HttpRequest, chosen: QuerySet[ReturnRequest], do: Callable[..., Any], title: str
    ) -> HttpResponse | None:
        _may(request, "orders.change_returnrequest")
        by = staff_subject(request)
        return shown_first(
            request,
            chosen,
            title=title,
            preview=lambda row: ", ".join(f"{r.quantity} × {r.line.name}" for r in row.lines.select_related("line")),
            do=lambda row: do(row.pk, by=by),
        )


def _may(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _or_say_why(request: HttpRequest, make: Callable[[], HttpResponse]) -> HttpResponse | None:
    try:
        return make()
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return None


def _in_words(order: Order, pieces: dict[int, int]) -> str:
    names = {line.pk: line.name for line in order.lines.all()}
    return ", ".join(f"{number} × {names[pk]}" for pk, number in pieces.items()) or _("nothing is left to pack")
