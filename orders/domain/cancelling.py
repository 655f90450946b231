"""Taking an order back while nothing of it has left: the goods return to the shelf, and the money to the buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.domain import refunding, reservations
from orders.domain.states import ORDER
from orders.models import Order, OrderAction, Parcel, Payment, Refund
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject


class CannotCancel(Exception):
    """The text is a sentence for whoever asked."""


def can_cancel(order: Order) -> bool:
    """Whether a paid order may still be taken back: nothing of it is in a parcel."""
    return order.state == Order.State.PAID and not _in_parcels(order)


def cancel(order_id: int, *, by: Subject) -> Refund | None:
    """Cancel a paid order of which nothing is packed, by the buyer or by staff. Raises `CannotCancel`.

    The refund is promised in the same transaction; above the limit for one person it waits for a second.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.state != Order.State.PAID:
            raise CannotCancel(_("Only a paid order can be cancelled here."))
        if _in_parcels(order):
            raise CannotCancel(_("A parcel of this order is packed already. You can send it back when it has arrived."))
        if not ORDER.move(order.pk, Order.State.CANCELLED, cancelled_at=timezone.now()):
            raise CannotCancel(_("Only a paid order can be cancelled here."))
        reservations.restock(order, dict(order.lines.exclude(variant=None).values_list("variant_id", "quantity")))
        refund = None
        for payment in order.payments.filter(state=Payment.State.PAID):
            if payment.returnable > 0:
                refund = refunding.propose(payment.pk, payment.returnable, reason=Refund.Reason.CANCELLED, by=by)
        OrderAction.objects.create(order=order, kind=OrderAction.Kind.CANCELLED, by=by)
        enqueue("orders.cancelled_mail", key=f"cancelled-mail:{order.pk}", order_id=order.pk)
    return refund


def _in_parcels(order: Order) -> bool:
    return order.parcels.exclude(state__in=[Parcel.State.UNPACKED, Parcel.State.RETURNED]).exists()
