"""Goods that come back: asked for by the buyer, agreed to and received by staff, and paid back once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.domain import refunding, reservations
from orders.domain.states import RETURN
from orders.models import (
    Order,
    OrderAction,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    Refund,
    ReturnLine,
    ReturnNote,
    ReturnRequest,
)
from privacy import photographs as photographs_
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

MOST_PHOTOGRAPHS = 3
LARGEST_PHOTOGRAPH = photographs_.LARGEST  # bytes, as sent


class CannotReturn(Exception):
    """The text is a sentence for whoever asked."""


def returnable(order: Order) -> dict[int, int]:
    """How many delivered pieces of each line can still be given back; none when the time for it is over."""
    if order.state != Order.State.PAID:
        return {}
    since = timezone.now() - dt.timedelta(days=settings.RETURN_WITHIN_DAYS)
    delivered: dict[int, int] = {}
    for row in ParcelLine.objects.filter(
        parcel__order=order, parcel__state=Parcel.State.DELIVERED, parcel__delivered_at__gte=since
    ):
        delivered[row.line_id] = delivered.get(row.line_id, 0) + row.quantity
    lines = {line.pk: line for line in order.lines.all()}
    left = {pk: min(number, lines[pk].quantity - lines[pk].returning) for pk, number in delivered.items()}
    return {pk: number for pk, number in left.items() if number > 0}


def ask(
    order_id: int,
    pieces: Mapping[int, int],
    *,
    reason: str,
    subject: Subject,
    words: str = "",
    photographs: Sequence[str] = (),
) -> ReturnRequest:
    """The buyer asks to give pieces back; to be called in the door of the form. Raises `CannotReturn`."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
        can, wished = returnable(order), {pk: number for pk, number in pieces.items() if number > 0}
        if not wished:
            raise CannotReturn(_("Choose at least one piece."))
        if any(number > can.get(pk, 0) for pk, number in wished.items()):
            raise CannotReturn(_("You chose more pieces than can be given back. Please look at the numbers again."))
        request = ReturnRequest.objects.create(order=order, reason=reason)
        for pk, number in sorted(wished.items()):
            # The table's own constraint refuses more than were sold, whatever code forgot to look.
            OrderLine.objects.filter(pk=pk).update(returning=F("returning") + number)
            ReturnLine.objects.create(request=request, line_id=pk, quantity=number)
        if words or photographs:
            shown = dict(zip(("photograph_1", "photograph_2", "photograph_3"), photographs, strict=False))
            ReturnNote.objects.create(request=request, subject=subject, words=words, **shown)
        OrderAction.objects.create(order=order, kind=OrderAction.Kind.RETURN_ASKED, by=subject)
    return request


def agree(request_id: int, *, by: Subject) -> None:
    """Tell the buyer to send it. Raises `CannotReturn`."""
    _decide(request_id, ReturnRequest.State.AGREED, OrderAction.Kind.RETURN_AGREED, by)


def decline(request_id: int, *, by: Subject) -> None:
    """Do not take it back; the pieces may be asked for again. Raises `CannotReturn`."""
    with transaction.atomic():
        request = _decide(request_id, ReturnRequest.State.DECLINED, OrderAction.Kind.RETURN_DECLINED, by)
        ReturnRequest.objects.filter(pk=request.pk).update(closed_at=timezone.now())
        for row in request.lines.all():
            OrderLine.objects.filter(pk=row.line_id).update(returning=F("returning") - row.quantity)


def receive(request_id: int, *, by: Subject, fit_for_sale: Iterable[int] = ()) -> Refund | None:
    """The goods are here: what is fit for sale goes back on the shelf, and its price back to the buyer.

    `fit_for_sale` names lines. Raises `CannotReturn`.
    """
    fit = set(fit_for_sale)
    with transaction.atomic():
        request = _decide(request_id, ReturnRequest.State.RECEIVED, OrderAction.Kind.RETURN_RECEIVED, by, received=True)
        rows = list(request.lines.select_related("line"))
        back = {row.line.variant_id: row.quantity for row in rows if row.line_id in fit and row.line.variant_id}
        reservations.restock(request.order, back)
        refund = _pay_back(request, sum((row.line.unit_price * row.quantity for row in rows), Decimal(0)), by)
        RETURN.move(request.pk, ReturnRequest.State.REFUNDED, refund=refund, closed_at=timezone.now())
    return refund


def _pay_back(request: ReturnRequest, goods: Decimal, by: Subject) -> Refund | None:
    payment = request.order.payments.filter(state=Payment.State.PAID).first()
    if payment is None or payment.returnable <= 0:
        return None
    order = request.order
    # A discount was spread over the goods, so it is spread over what comes back.
    share = goods - order.discount_total * goods / order.goods_total if order.goods_total else goods
    amount = min(
        share.quantize(Decimal("1") if payment.currency in ("KRW", "JPY") else Decimal("0.01")), payment.returnable
    )
    return refunding.propose(payment.pk, amount, reason=Refund.Reason.RETURNED, by=by) if amount > 0 else None


def _decide(request_id: int, to: str, kind: str, by: Subject, *, received: bool = False) -> ReturnRequest:
    with transaction.atomic():
        found = ReturnRequest.objects.select_related("order").get(pk=request_id)
        Order.objects.select_for_update(of=("self",)).get(pk=found.order_id)
        now = timezone.now()
        also = {"received_at": now} if received else {"decided_at": now, "decided_by": by}
        if not RETURN.move(request_id, to, **also):
            raise CannotReturn(_("This return is no longer waiting for that."))
        OrderAction.objects.create(order=found.order, kind=kind, by=by, detail=f"return {found.pk}")
        enqueue("orders.return_mail", key=f"return-mail:{found.key}:{to}", request_id=found.pk)
    return found


def without_metadata(sent: bytes) -> str:
    """A photograph made anew, so that place, time and device are gone: a JPEG in base 64. Raises `CannotReturn`."""
    try:
        return photographs_.without_metadata(sent)
    except photographs_.UnreadablePhotograph as refusal:
        raise CannotReturn(str(refusal)) from refusal
