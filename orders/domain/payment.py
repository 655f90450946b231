"""Being paid: what the provider says is asked for, compared with the order, and acted upon once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from catalogue.domain import stock
from orders.models import Order, Payment, PaymentInstrument
from orders.payment.provider import (
    CardSummary,
    Intent,
    IntentRequest,
    IntentState,
    PaymentError,
    ProviderRefused,
)
from orders.payment.registry import provider
from privacy.cards import without_card_numbers
from privacy.declaration import personal_fields
from privacy.gate import collecting
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy.models import Subject

logger = logging.getLogger(__name__)

_CLOSED = {
    IntentState.FAILED: Payment.State.FAILED,
    IntentState.CANCELLED: Payment.State.CANCELLED,
    IntentState.EXPIRED: Payment.State.CANCELLED,
}


class Outcome(StrEnum):
    """What a look at the provider came to."""

    PAID = "paid"
    WAITING = "waiting"
    CLOSED = "closed"
    PARKED = "parked"
    UNCHANGED = "unchanged"


class NotPayable(Exception):
    """The order is paid, cancelled, or no longer held."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A payment and its order, both locked."""

    payment: Payment
    order: Order


def _locked(payment_id: int) -> _Pair:
    # The order's row is the one lock of a sale, taken first by everybody, so that nobody waits in a circle.
    order = Order.objects.select_for_update(of=("self",)).get(payments=payment_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    return _Pair(payment, order)


def start_payment(order: Order, payment: Payment | None = None) -> Payment:
    """Open the payment at the provider and remember its page. Never inside the transaction that placed the order.

    `payment` spares a look-up to whoever has just placed the order and has it at hand.

    Raises `PaymentError` when the provider does not answer: the order waits, and the same key may be tried again, so at
    most one payment is open. Raises `NotPayable` when there is nothing left to pay.
    """
    payment = payment or _open_payment(order.pk)
    if payment.pay_url:
        return payment
    intent = provider().create_intent(_request(order, payment))
    payment.intent_id, payment.pay_url = intent.id, intent.pay_url
    still_open = Payment.objects.filter(pk=payment.pk, state=Payment.State.OPEN)
    if not still_open.update(intent_id=intent.id, pay_url=intent.pay_url):
        # The order was given up while the provider was thinking: nobody may pay for it any more.
        provider().cancel(intent.id)
        raise NotPayable
    return payment


def _open_payment(order_id: int) -> Payment:
    """The payment that is open, or a new one where the last was refused for good."""
    payment = Payment.objects.filter(order_id=order_id, state=Payment.State.OPEN).select_related("order").first()
    if payment is not None and _payable(payment.order):
        return payment
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        states = set(order.payments.values_list("state", flat=True))
        if not _payable(order) or states & {Payment.State.PAID, Payment.State.PARKED}:
            raise NotPayable
        payment, _made = Payment.objects.get_or_create(
            order=order,
            state=Payment.State.OPEN,
            defaults={"provider": provider_name(), "amount": order.total, "currency": order.currency},
        )
        return payment


def provider_name() -> str:
    """The adapter that the settings choose, in one word, as it is kept on payments and collections."""
    return settings.PAYMENT_PROVIDER.rpartition(".")[2][:40]


def _payable(order: Order) -> bool:
    return order.state == Order.State.PENDING_PAYMENT and order.expires_at > timezone.now()


def _request(order: Order, payment: Payment) -> IntentRequest:
    with translation.override(order.language):
        back = settings.BASE_URL + reverse("orders:payment_return", args=[order.number])
        cancel = settings.BASE_URL + reverse("orders:pay", args=[order.number])
    return IntentRequest(
        reference=order.number,
        amount=order.total,
        currency=order.currency,
        return_url=back,
        cancel_url=cancel,
        webhook_url=settings.BASE_URL + reverse("payment_webhook"),
        locale=order.language,
        idempotency_key=str(payment.key),
    )


def finalise(payment_id: int) -> Outcome:
    """Bring one payment up to date with the provider. The webhook and the browser's return both call it; twice is once.

    The provider is asked before the rows are locked, so that no lock waits for a network: money that was captured stays
    captured, and an older word that arrives late finds the payment settled and changes nothing. Raises `PaymentError`
    when the provider cannot be asked.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.state in (Payment.State.PAID, Payment.State.PARKED) or not payment.intent_id:
        return Outcome.UNCHANGED
    intent = provider().retrieve(payment.intent_id)
    with transaction.atomic():
        pair = _locked(payment_id)
        if pair.payment.state in (Payment.State.PAID, Payment.State.PARKED):
            return Outcome.UNCHANGED
        return _apply(pair, intent)


def _apply(pair: _Pair, intent: Intent) -> Outcome:
    payment, order = pair.payment, pair.order
    if mismatch := _mismatch(payment, order, intent):
        return _park(payment, mismatch)
    if intent.state == IntentState.SUCCEEDED:
        if order.state != Order.State.PENDING_PAYMENT:
            return _park(payment, f"The provider was paid, but the order is {order.state}. Give the money back.")
        return _paid(pair, intent)
    closed = _CLOSED.get(intent.state)
    if closed is None:
        return Outcome.WAITING
    if payment.state != Payment.State.OPEN:
        return Outcome.UNCHANGED
    payment.state, payment.settled_at = closed, timezone.now()
    payment.save(update_fields=["state", "settled_at"])
    return Outcome.CLOSED


def _mismatch(payment: Payment, order: Order, intent: Intent) -> str:
    """In what the provider's word differs from the store's, as a sentence for staff."""
    if intent.id != payment.intent_id:
        return "The provider answered about another payment."
    if intent.reference != order.number:
        return "The provider names another order."
    if intent.currency != payment.currency:
        return f"The provider says {intent.currency}, the order says {payment.currency}."
    if intent.amount != payment.amount:
        return f"The provider says {intent.amount}, the order says {payment.amount} {payment.currency}."
    return ""


def _park(payment: Payment, because: str) -> Outcome:
    payment.state, payment.parked_because, payment.settled_at = Payment.State.PARKED, because[:200], timezone.now()
    payment.save(update_fields=["state", "parked_because", "settled_at"])
    logger.error("Payment %s was put aside for staff: %s", payment.pk, because)
    return Outcome.PARKED


def _paid(pair: _Pair, intent: Intent) -> Outcome:
    payment, order = pair.payment, pair.order
    now = timezone.now()
    payment.state, payment.settled_at = Payment.State.PAID, now
    payment.save(update_fields=["state", "settled_at"])
    order.state, order.paid_at = Order.State.PAID, now
    order.save(update_fields=["state", "paid_at"])
    if intent.instrument is not None and order.subject is not None:
        _keep_instrument(payment, order.subject, intent.instrument)
    enqueue("orders.confirmation_mail", key=f"order-confirmation:{order.pk}", order_id=order.pk)
    return Outcome.PAID


def _keep_instrument(payment: Payment, subject: Subject, card: CardSummary) -> None:
    billing = card.billing_address
    told = {
        "token": card.token,
        "brand": card.brand,
        "last4": card.last4[-4:],
        "expiry": f"{card.expiry_month:02d}/{card.expiry_year:04d}",
        "cardholder": card.holder,
        "billing_country": billing.country if billing else "",
        "billing_postal_code": billing.postal_code if billing else "",
        "billing_street": ", ".join(billing.lines) if billing else "",
    }
    fields = personal_fields(PaymentInstrument)
    # The provider's texts are its own: one that is longer than our column is cut rather than losing the payment, and a
    # number that somebody typed into the wrong field there is struck out.
    values = {
        field.name: without_card_numbers(told[field.name].replace("\x00", ""))[: field.max_length] for field in fields
    }
    with collecting(surface="provider.payment", subject=subject, fields=fields, source=payment.provider):
        PaymentInstrument.objects.create(payment=payment, subject=subject, **values)


def cancel_unpaid(order_id: int) -> bool:
    """Give back the goods of an order that was not paid in time; says whether it did.

    First the provider's page is closed. When the provider has been paid meanwhile the order is finished instead; when
    it does not answer nobody knows, so nothing is given back and `PaymentError` says to come again.
    """
    order = Order.objects.get(pk=order_id)
    if order.state != Order.State.PENDING_PAYMENT or order.expires_at > timezone.now():
        return False
    for payment in order.payments.filter(state=Payment.State.OPEN).exclude(intent_id=""):
        _close(payment)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        payments = list(order.payments.select_for_update())
        if order.state != Order.State.PENDING_PAYMENT or any(_keeps_goods(p) for p in payments):
            return False
        now = timezone.now()
        order.payments.filter(state=Payment.State.OPEN).update(state=Payment.State.CANCELLED, settled_at=now)
        order.state, order.cancelled_at = Order.State.CANCELLED, now
        order.save(update_fields=["state", "cancelled_at"])
        pieces = order.lines.exclude(variant=None).values_list("variant_id", "quantity")
        stock.put_back(dict(pieces))
    return True


def _keeps_goods(payment: Payment) -> bool:
    """Money may stand behind it: paid, put aside for staff, or open at the provider since a moment ago."""
    if payment.state == Payment.State.OPEN:
        return bool(payment.intent_id)
    return payment.state in (Payment.State.PAID, Payment.State.PARKED)


def _close(payment: Payment) -> None:
    try:
        provider().cancel(payment.intent_id)
    except ProviderRefused:
        # It is too late to close it, or it is closed already: the provider's own word decides.
        logger.info("Payment %s can no longer be closed at the provider.", payment.pk)
    finalise(payment.pk)


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
