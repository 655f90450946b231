"""The order desk at work: pack, print, cancel. Each action is the domain's own, shown before it is done."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pypdf import PdfWriter

from orders.desk_bulk import CannotDo, may, shown_first
from orders.documents.papers import invoice_pdf, packing_slip_pdf
from orders.domain import cancelling, parcels
from orders.models import DeliveryAddress, Order, OrderAction, Parcel, ParcelLine, ParcelScan
from privacy.restriction import restricted_because
from privacy.staff import ReadOnly, look_for_an_order, staff_subject


def printed(request: HttpRequest, orders: Iterable[Order], sheets: Iterable[bytes], name: str) -> HttpResponse:
    """Several papers as one file, each order's printing written down."""
    together, file = PdfWriter(), io.BytesIO()
    for sheet in sheets:
        together.append(io.BytesIO(sheet))
    if not together.pages:
        raise CannotDo(_("There is nothing to print."))
    together.write(file)
    by = staff_subject(request)
    orders = list(orders)
    # Whoever prints an address reads it.
    look_for_an_order(request, DeliveryAddress.objects.filter(order__in=orders), f"Printing {name}")
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
        may(request, "orders.add_parcel")
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
        may(request, "orders.add_refund")
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
        may(request, "orders.change_order")
        paid = [order for order in chosen.select_related("delivery_address") if order.paid_at]
        return _or_say_why(request, lambda: printed(request, paid, map(invoice_pdf, paid), "invoices"))


class ParcelLineInline(ReadOnly, admin.TabularInline):
    model = ParcelLine
    extra = 0
    fields = readonly_fields = ["line", "quantity"]


class ParcelScanInline(ReadOnly, admin.TabularInline):
    model = ParcelScan
    extra = 0
    fields = readonly_fields = ["state", "happened_at", "received_at"]


@admin.register(Parcel)
class ParcelAdmin(ReadOnly, admin.ModelAdmin):
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
        may(request, "orders.change_parcel")
        found = list(chosen.select_related("order__delivery_address"))
        if waits := next(filter(None, map(_restricted, found)), ""):
            messages.error(request, waits)
            return None
        orders = {parcel.order_id: parcel.order for parcel in found}.values()
        return _or_say_why(request, lambda: printed(request, orders, map(packing_slip_pdf, found), "packing-slips"))

    @admin.action(description=gettext_lazy("Take apart again"))
    def unpack(self, request: HttpRequest, chosen: QuerySet[Parcel]) -> HttpResponse | None:
        may(request, "orders.change_parcel")
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


def _or_say_why(request: HttpRequest, make: Callable[[], HttpResponse]) -> HttpResponse | None:
    try:
        return make()
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return None


def _in_words(order: Order, pieces: dict[int, int]) -> str:
    names = {line.pk: line.name for line in order.lines.all()}
    return ", ".join(f"{number} × {names[pk]}" for pk, number in pieces.items()) or _("nothing is left to pack")
