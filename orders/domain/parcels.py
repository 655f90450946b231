"""From the shelf to the door: pieces are packed, a courier is told, and its messages move the order along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.courier.provider import CourierRefused, ParcelWish, Scan, ScanState
from orders.courier.registry import courier
from orders.domain.states import FULFILMENT, PARCEL
from orders.models import DeliveryAddress, Order, OrderAction, OrderLine, Parcel, ParcelLabel, ParcelLine, ParcelScan
from privacy.crashpoints import crashpoint
from privacy.declaration import Purpose
from privacy.gate import collecting, disclose
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

_FOLLOWS = {
    ScanState.HANDED_OVER: Parcel.State.HANDED_OVER,
    ScanState.DELIVERED: Parcel.State.DELIVERED,
    ScanState.RETURNED: Parcel.State.RETURNED,
}
_DONE = {
    Parcel.State.HANDED_OVER: OrderAction.Kind.HANDED_OVER,
    Parcel.State.DELIVERED: OrderAction.Kind.DELIVERED,
    Parcel.State.RETURNED: OrderAction.Kind.CAME_BACK,
}


class CannotPack(Exception):
    """The text is a sentence for staff."""


def pack(order_id: int, pieces: Mapping[int, int] | None = None, *, by: Subject | None = None) -> Parcel:
    """Put pieces (line → number; by default all that are left) into a parcel and tell the courier of it.

    The order's row is locked, so a parcel and a cancellation do not cross; no piece is packed twice. Raises `CannotPack`.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.state != Order.State.PAID:
            raise CannotPack(_("Only a paid order can be packed."))
        if not DeliveryAddress.objects.filter(order=order).exists():
            raise CannotPack(_("This order has no delivery address any more."))
        lines = {line.pk: line for line in order.lines.select_related("variant")}
        wished = {pk: number for pk, number in (pieces or left_to_pack(order)).items() if number > 0}
        if not wished or not set(wished) <= set(lines):
            raise CannotPack(_("Choose at least one piece of this order."))
        for pk, number in sorted(wished.items()):
            enough = OrderLine.objects.filter(pk=pk, packed__lte=F("quantity") - number)
            if not enough.update(packed=F("packed") + number):
                raise CannotPack(_("Of %(name)s fewer pieces are left to pack.") % {"name": lines[pk].name})
        weight = sum(n * (getattr(lines[pk].variant, "weight_g", 0) or 0) for pk, n in wished.items())
        parcel = Parcel.objects.create(order=order, courier=courier().name, weight_g=weight, packed_by=by)
        ParcelLine.objects.bulk_create(
            ParcelLine(parcel=parcel, line_id=pk, quantity=number) for pk, number in wished.items()
        )
        _write_down(order, OrderAction.Kind.PACKED, by=by, detail=f"parcel {parcel.pk}")
        enqueue("orders.register_parcel", key=f"parcel:{parcel.key}", parcel_id=parcel.pk)
    return parcel


def left_to_pack(order: Order) -> dict[int, int]:
    """How many pieces of each line are in no parcel yet."""
    return {line.pk: line.quantity - line.packed for line in order.lines.all() if line.packed < line.quantity}


def unpack(parcel_id: int, *, by: Subject | None = None) -> None:
    """Take a parcel apart that the courier has not collected. Raises `CannotPack`."""
    parcel = Parcel.objects.get(pk=parcel_id)
    if parcel.tracking_number:
        try:
            courier().withdraw(parcel.tracking_number)
        except CourierRefused as refusal:
            raise CannotPack(_("The courier has this parcel already.")) from refusal
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=parcel.order_id)
        if not PARCEL.move(parcel_id, Parcel.State.UNPACKED):
            raise CannotPack(_("The courier has this parcel already."))
        _back_on_the_table(parcel)
        ParcelLabel.objects.filter(parcel=parcel).delete()
        _write_down(order, OrderAction.Kind.UNPACKED, by=by, detail=f"parcel {parcel.pk}")


def register(parcel_id: int) -> None:
    """Tell the courier of a parcel: name, address and phone of it, given out by `disclose()`, and what is inside."""
    parcel = Parcel.objects.select_related("order__delivery_address", "packed_by").get(pk=parcel_id)
    if parcel.state != Parcel.State.PACKED:
        return
    order = parcel.order
    address = disclose(order.delivery_address, to="courier", purpose=Purpose.DELIVERY, acted_by=parcel.packed_by).row
    made = courier().register(
        ParcelWish(
            address={name: str(value) for name, value in address.items()},
            weight_g=parcel.weight_g,
            contents=tuple(
                (
                    row.line.name,
                    row.quantity,
                    row.line.variant.product.hs_code if row.line.variant else "",
                    str(row.line.unit_price * row.quantity),
                )
                for row in parcel.lines.select_related("line__variant__product")
            ),
            currency=order.currency,
            webhook_url=settings.BASE_URL + reverse("courier_webhook"),
            idempotency_key=str(parcel.key),
        )
    )
    crashpoint("after_parcel_is_registered_before_commit")
    with collecting(
        surface="provider.courier",
        subject=order.delivery_address.subject,
        fields=[ParcelLabel.content],
        source=parcel.courier,
    ):
        if PARCEL.move(parcel_id, Parcel.State.REGISTERED, tracking_number=made.tracking_number):
            ParcelLabel.objects.create(parcel=parcel, subject=order.delivery_address.subject, content=made.label)


class NotYetKnown(Exception):
    """A scan of a number that a parcel of ours may be about to get; whoever tells it should tell it again."""


def heard(scan: Scan, *, courier_name: str) -> bool:
    """Act on one message of the courier, once; whether it changed anything. Late and repeated ones change nothing.

    A courier may be quicker than our own commit: it has the parcel, and we do not know its number yet (`NotYetKnown`).
    """
    named = Parcel.objects.filter(courier=courier_name, tracking_number=scan.tracking_number)
    found = named.first()
    if found is None:
        if Parcel.objects.filter(courier=courier_name, state=Parcel.State.PACKED).exists():
            raise NotYetKnown
        # It may have got its number between the two questions.
        found = named.first()
    if found is None:
        return False
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=found.order_id)
        try:
            with transaction.atomic():
                ParcelScan.objects.create(
                    event_id=scan.event_id,
                    courier=courier_name,
                    parcel=found,
                    state=scan.state,
                    happened_at=scan.happened_at,
                )
        except IntegrityError:
            return False
        then = _FOLLOWS.get(scan.state)
        if then is None or not PARCEL.move(found.pk, then, **_when(then, scan)):
            return False
        if then == Parcel.State.RETURNED:
            _back_on_the_table(found)
        _follow(order)
        _write_down(order, _DONE[then], detail=found.tracking_number)
        if then != Parcel.State.RETURNED:
            enqueue(f"orders.{then}_mail", key=f"{then}-mail:{found.key}", parcel_id=found.pk)
        crashpoint("before_scan_is_committed")
    return True


def ask_about_quiet_parcels(limit: int = 100) -> int:
    """Ask the courier about parcels that are on their way, in case a message was lost; how many had moved."""
    moving = Parcel.objects.filter(state__in=[Parcel.State.REGISTERED, Parcel.State.HANDED_OVER])
    moved = 0
    asked = courier()
    for parcel in moving.filter(courier=asked.name).exclude(tracking_number="").order_by("?")[:limit]:
        moved += sum(heard(scan, courier_name=asked.name) for scan in asked.scans(parcel.tracking_number))
    return moved


def _when(then: str, scan: Scan) -> dict[str, object]:
    if then == Parcel.State.HANDED_OVER:
        return {"handed_over_at": scan.happened_at}
    return {"delivered_at": scan.happened_at} if then == Parcel.State.DELIVERED else {}


def _back_on_the_table(parcel: Parcel) -> None:
    for row in parcel.lines.all():
        OrderLine.objects.filter(pk=row.line_id).update(packed=F("packed") - row.quantity)


def _follow(order: Order) -> None:
    """Bring the order's fulfilment to what its parcels come to."""
    ordered = order.lines.aggregate(pieces=Sum("quantity"))["pieces"] or 0
    travelling = ParcelLine.objects.filter(parcel__order=order)
    gone = travelling.filter(parcel__state__in=Parcel.ON_ITS_WAY).aggregate(pieces=Sum("quantity"))["pieces"] or 0
    arrived = travelling.filter(parcel__state=Parcel.State.DELIVERED).aggregate(pieces=Sum("quantity"))["pieces"] or 0
    if arrived >= ordered:
        then = Order.Fulfilment.DELIVERED
    elif gone >= ordered:
        then = Order.Fulfilment.SHIPPED
    else:
        then = Order.Fulfilment.PARTLY_SHIPPED if gone else Order.Fulfilment.WAITING
    if order.fulfilment != then:
        if then == Order.Fulfilment.DELIVERED and not FULFILMENT.allows(order.fulfilment, then):
            FULFILMENT.move(order.pk, Order.Fulfilment.SHIPPED)
        FULFILMENT.move(order.pk, then, **({"delivered_at": timezone.now()} if then == "delivered" else {}))


def _write_down(order: Order, kind: str, *, by: Subject | None = None, detail: str = "") -> None:
    OrderAction.objects.create(order=order, kind=kind, by=by, detail=detail)
