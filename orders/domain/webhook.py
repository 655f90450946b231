"""The provider's messages: only signed ones about a payment of ours are acted upon, and each leaves its trace once."""

from __future__ import annotations

from collections.abc import Mapping

from orders.domain.payment import finalise
from orders.models import Payment, PaymentEvent
from orders.payment.provider import WebhookRefused
from orders.payment.registry import provider


def receive(body: bytes, headers: Mapping[str, str]) -> None:
    """Act on one message. Raises `WebhookRefused` for what is not ours, `PaymentError` when it should be sent again.

    The trace is written after the deed, so a message whose deed failed is acted upon when it comes again.
    """
    event = provider().read_webhook(body, headers)
    if PaymentEvent.objects.filter(event_id=event.id[:120]).exists():
        return
    payment = Payment.objects.filter(intent_id=event.intent_id).exclude(intent_id="").first()
    if payment is None:
        raise WebhookRefused("There is no such payment here.")
    outcome = finalise(payment.pk)
    PaymentEvent.objects.bulk_create(
        [
            PaymentEvent(
                event_id=event.id[:120],
                payment=payment,
                kind=event.kind[:60],
                outcome=outcome,
                happened_at=event.created_at,
            )
        ],
        ignore_conflicts=True,
    )
