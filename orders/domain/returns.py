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

from catalogue.amounts import rounded
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
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

MOST_PHOTOGRAPHS = 3


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

    `fit_for_sale` names lines. A price above what one person may give back waits for a second one, and the return with
    it. Raises `CannotReturn`.
    """
    fit = set(fit_for_sale)
    with transaction.atomic():
        request = _decide(request_id, ReturnRequest.State.RECEIVED, OrderAction.Kind.RETURN_RECEIVED, by, received=True)
        rows = list(request.lines.select_related("line"))
        back = {row.line.variant_id: row.quantity for row in rows if row.line_id in fit and row.line.variant_id}
        reservations.restock(request.order, back)
        return _pay_back(request, worth(request), by)


def pay_back(request_id: int, amount: Decimal, *, by: Subject) -> Refund | None:
    """Decide again about received goods whose price nobody released: this sum, or 0 to close it without money.

    Raises `CannotReturn` and `CannotRefund`.
    """
    with transaction.atomic():
        request = _locked(request_id)
        if not undecided(request):
            raise CannotReturn(_("This return is no longer waiting for that."))
        if not 0 <= amount <= (most := worth(request)):
            raise CannotReturn(
                _("At most %(most)s %(currency)s were paid for these goods and can still be given back.")
                % {"most": most, "currency": request.order.currency}
            )
        return _pay_back(request, amount, by)


def undecided(request: ReturnRequest) -> bool:
    """Whether the goods are here and no sum for them is on its way or waits for a second person."""
    received = request.state == ReturnRequest.State.RECEIVED
    return received and (request.refund is None or request.refund.state not in Refund.PROMISED)


def worth(request: ReturnRequest) -> Decimal:
    """What goes back for the goods of a return: what was paid for them, and no more than is left of the payment."""
    order, payment = request.order, _payment_of(request)
    if payment is None:
        return Decimal(0)
    goods = sum((row.line.unit_price * row.quantity for row in request.lines.select_related("line")), Decimal(0))
    # A discount was spread over the goods, so it is spread over what comes back.
    share = goods - order.discount_total * goods / order.goods_total if order.goods_total else goods
    return max(Decimal(0), min(rounded(share, payment.currency), payment.returnable))


def _payment_of(request: ReturnRequest) -> Payment | None:
    return request.order.payments.filter(state=Payment.State.PAID).first()


def _pay_back(request: ReturnRequest, amount: Decimal, by: Subject) -> Refund | None:
    """Propose the sum; the return is over as soon as it is on its way, or when there is none."""
    payment = _payment_of(request)
    if payment is not None and amount:
        refund = refunding.propose(payment.pk, amount, reason=Refund.Reason.RETURNED, by=by)
        if refund.state == Refund.State.PROPOSED:
            ReturnRequest.objects.filter(pk=request.pk).update(refund=refund)
            _tell(request, ReturnRequest.State.RECEIVED)
            return refund
    else:
        refund = None
        OrderAction.objects.create(
            order=request.order, kind=OrderAction.Kind.RETURN_CLOSED, by=by, detail=f"return {request.pk}"
        )
    RETURN.move(request.pk, ReturnRequest.State.REFUNDED, refund=refund, closed_at=timezone.now())
    _tell(request, ReturnRequest.State.REFUNDED)
    return refund


def _decide(request_id: int, to: str, kind: str, by: Subject, *, received: bool = False) -> ReturnRequest:
    with transaction.atomic():
        found = _locked(request_id)
        now = timezone.now()
        also = {"received_at": now} if received else {"decided_at": now, "decided_by": by}
        if not RETURN.move(request_id, to, **also):
            raise CannotReturn(_("This return is no longer waiting for that."))
        OrderAction.objects.create(order=found.order, kind=kind, by=by, detail=f"return {found.pk}")
        if not received:
            _tell(found, to)
    return found


def _tell(request: ReturnRequest, state: str) -> None:
    enqueue("orders.return_mail", key=f"return-mail:{request.key}:{state}", request_id=request.pk)


def _locked(request_id: int) -> ReturnRequest:
    """A return as it stands, its order locked first as everywhere."""
    order_id = ReturnRequest.objects.values_list("order_id", flat=True).get(pk=request_id)
    Order.objects.select_for_update(of=("self",)).get(pk=order_id)
    return ReturnRequest.objects.select_related("order", "refund").get(pk=request_id)
