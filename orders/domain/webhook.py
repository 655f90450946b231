"""The provider's messages: only signed ones are acted upon, each leaves its trace once, and odd ones go to staff."""

from __future__ import annotations

from collections.abc import Mapping

from orders.domain import oddities, reconciling
from orders.domain.payment import Outcome, finalise
from orders.models import OddPayment, Payment, PaymentEvent
from orders.payment.provider import ProviderRefused, Topic, WebhookEvent
from orders.payment.registry import provider
from privacy.crashpoints import crashpoint


def receive(body: bytes, headers: Mapping[str, str]) -> None:
    """Act on one message. Raises `WebhookRefused` for what is not ours, `PaymentError` when it should be sent again.

    The trace is written after the deed, so a message whose deed failed is acted upon when it comes again.
    """
    event = provider().read_webhook(body, headers)
    if PaymentEvent.objects.filter(event_id=event.id[:120]).exists():
        return
    ours = provider().account
    if event.account and ours and event.account != ours:
        oddities.note(OddPayment.Kind.OTHER_ACCOUNT, event.id, f"A {event.kind} about {event.intent_id}.")
        return
    payment = _payment_of(event) or _adopt(event)
    if payment is None:
        oddities.note(OddPayment.Kind.UNKNOWN_PAYMENT, event.intent_id or event.id, _words(event))
        return
    if differs := _difference(event, payment):
        oddities.note(OddPayment.Kind.EVENT_DISAGREES, event.id, differs, payment)
    outcome = _act(event, payment)
    crashpoint("after_event_before_trace")
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


def _act(event: WebhookEvent, payment: Payment) -> Outcome:
    outcome = finalise(payment.pk)
    if event.topic is Topic.REFUND:
        reconciling.compare_refunds(payment)
    elif event.topic is Topic.DISPUTE:
        oddities.note(OddPayment.Kind.DISPUTED, payment.intent_id, _words(event), payment)
    return outcome


def _payment_of(event: WebhookEvent) -> Payment | None:
    known = Payment.objects.select_related("order")
    if event.intent_id and (payment := known.filter(intent_id=event.intent_id).first()):
        return payment
    if event.intent_id or not (key := reconciling.payment_key(event.key)):
        return None
    return known.filter(key=key).exclude(intent_id="").first()


def _adopt(event: WebhookEvent) -> Payment | None:
    """The payment that was opened by a process which died before it could write the provider's answer down."""
    if not event.intent_id:
        return None
    try:
        intent = provider().retrieve(event.intent_id)
    except ProviderRefused:
        return None
    return reconciling.adopt(intent)


def _difference(event: WebhookEvent, payment: Payment) -> str:
    """In what the message itself differs from the payment it names; the provider's books are asked in any case."""
    if event.reference and event.reference != payment.order.number:
        return "The message names another order."
    if event.currency and event.currency != payment.currency:
        return f"The message says {event.currency}, the payment is in {payment.currency}."
    if event.amount is not None and event.amount != payment.amount:
        return f"The message says {event.amount}, the payment is over {payment.amount} {payment.currency}."
    return ""


def _words(event: WebhookEvent) -> str:
    amount = f" over {event.amount} {event.currency}" if event.amount is not None else ""
    return f"{event.kind} about {event.intent_id or 'an unnamed payment'}{amount}."
