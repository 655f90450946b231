"""Orders that nobody paid in time: the provider's page is closed first, then the goods go back on the shelf."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from orders.domain import payment as payments
from orders.domain import reservations
from orders.models import Order, Payment
from orders.payment.provider import PaymentError
from privacy.crashpoints import crashpoint

logger = logging.getLogger(__name__)


def cancel_unpaid(order_id: int) -> bool:
    """Give back the goods of an order that was not paid in time; says whether it did.

    First the provider's page is closed. When the provider has been paid meanwhile the order is finished instead; when
    it does not answer nobody knows, so nothing is given back and `PaymentError` says to come again.
    """
    order = Order.objects.get(pk=order_id)
    if order.state != Order.State.PENDING_PAYMENT or order.expires_at > timezone.now():
        return False
    for payment in order.payments.filter(state__in=Payment.UNSETTLED).exclude(intent_id=""):
        # Who paid or had money set aside at the last moment is a buyer; only what nobody paid is closed.
        if payments.finalise(payment.pk) is payments.Outcome.WAITING:
            payments.close(payment.pk)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        of_order = list(order.payments.select_for_update())
        if order.state != Order.State.PENDING_PAYMENT or any(_keeps_goods(p) for p in of_order):
            return False
        now = timezone.now()
        order.payments.filter(state=Payment.State.OPEN).update(state=Payment.State.CANCELLED, settled_at=now)
        order.state, order.cancelled_at = Order.State.CANCELLED, now
        order.save(update_fields=["state", "cancelled_at"])
        reservations.release(order)
        crashpoint("before_given_up_is_committed")
    return True


def _keeps_goods(payment: Payment) -> bool:
    """Money may stand behind it: paid, held, put aside for staff, or open at the provider since a moment ago."""
    if payment.state == Payment.State.OPEN:
        return bool(payment.intent_id)
    return payment.state in (Payment.State.AUTHORISED, *Payment.SETTLED)


def overdue(limit: int = 200) -> Iterable[int]:
    """Orders whose time to pay is over, the oldest first."""
    waiting = Order.objects.filter(state=Order.State.PENDING_PAYMENT, expires_at__lte=timezone.now())
    waiting = waiting.exclude(payments__state=Payment.State.PARKED)
    return waiting.order_by("expires_at").values_list("pk", flat=True)[:limit]


def cancel_overdue() -> int:
    """Go through the orders that nobody paid in time; one that fails does not keep the others waiting."""
    cancelled = 0
    for order_id in list(overdue()):
        try:
            cancelled += cancel_unpaid(order_id)
        except PaymentError as error:
            logger.warning("Order %s waits for the payment provider: %s", order_id, error)
    return cancelled
