"""Being paid: what the provider says is asked for, compared with the order, and acted upon once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from orders.domain import oddities, refunding, reservations
from orders.models import OddPayment, Order, Payment, PaymentInstrument, Refund
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
from privacy.crashpoints import crashpoint
from privacy.declaration import personal_fields
from privacy.gate import collecting
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

logger = logging.getLogger(__name__)

_CLOSED = {
    IntentState.FAILED: Payment.State.FAILED,
    IntentState.CANCELLED: Payment.State.CANCELLED,
    IntentState.EXPIRED: Payment.State.CANCELLED,
}
# The store asks by itself after so long, and then after pauses that double: a lost message costs less than a minute.
_FIRST_ASK = timedelta(seconds=20)
_LONGEST_PAUSE = timedelta(minutes=30)


class Outcome(StrEnum):
    """What a look at the provider came to."""

    PAID = "paid"
    HELD = "held"
    RETURNED = "returned"
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
    crashpoint("before_intent")
    intent = provider().create_intent(_request(order, payment))
    crashpoint("after_intent_before_commit")
    payment.intent_id, payment.pay_url = intent.id, intent.pay_url
    payment.ask_at = timezone.now() + _FIRST_ASK
    still_open = Payment.objects.filter(pk=payment.pk, state=Payment.State.OPEN)
    if not still_open.update(intent_id=intent.id, pay_url=intent.pay_url, ask_at=payment.ask_at):
        # The order was given up while the provider was thinking: nobody may pay for it any more.
        provider().cancel(intent.id)
        raise NotPayable
    return payment


def _open_payment(order_id: int) -> Payment:
    """The payment that is open, or a new one where the last was refused for good."""
    payment = Payment.objects.filter(order_id=order_id, state=Payment.State.OPEN).select_related("order").first()
    if payment is not None and _payable(payment.order):
        return payment
    # Nobody pays a second time before the provider has said once more that the first time came to nothing.
    finalise_order(order_id)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        states = set(order.payments.values_list("state", flat=True))
        if not _payable(order) or states & {Payment.State.AUTHORISED, *Payment.SETTLED}:
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
        amount=payment.amount,
        currency=payment.currency,
        return_url=back,
        cancel_url=cancel,
        webhook_url=settings.BASE_URL + reverse("payment_webhook"),
        locale=order.language,
        idempotency_key=str(payment.key),
        capture_at_once=not settings.PAYMENT_HOLDS_FIRST,
    )


def finalise(payment_id: int) -> Outcome:
    """Bring one payment up to date with the provider. The webhook and the browser's return both call it; twice is once.

    The provider is asked before the rows are locked, so that no lock waits for a network: money that was captured stays
    captured, and an older word that arrives late finds the payment settled and changes nothing. Raises `PaymentError`
    when the provider cannot be asked.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.state in Payment.SETTLED or not payment.intent_id:
        return Outcome.UNCHANGED
    intent = provider().retrieve(payment.intent_id)
    outcome = _settle(payment_id, intent)
    if outcome is Outcome.HELD:
        return _take(payment)
    if outcome is Outcome.WAITING and intent.state == IntentState.REQUIRES_CAPTURE:
        return _let_go(payment)
    return outcome


def _take(payment: Payment) -> Outcome:
    """Take the money that the bank holds; the order is kept for it already."""
    try:
        intent = provider().capture(
            payment.intent_id,
            amount=payment.amount,
            currency=payment.currency,
            idempotency_key=f"{payment.key}-capture",
        )
    except ProviderRefused:
        # Taken already by somebody quicker, or let go by the bank: the provider's word on the payment decides.
        intent = provider().retrieve(payment.intent_id)
    crashpoint("after_capture_before_commit")
    return _settle(payment.pk, intent)


def _let_go(payment: Payment) -> Outcome:
    """Free money that is held for an order that needs it no more."""
    intent = provider().cancel(payment.intent_id)
    crashpoint("after_void_before_commit")
    return _settle(payment.pk, intent)


def _settle(payment_id: int, intent: Intent) -> Outcome:
    with transaction.atomic():
        pair = _locked(payment_id)
        if pair.payment.state in Payment.SETTLED:
            return Outcome.UNCHANGED
        outcome = _apply(pair, intent)
        crashpoint("before_settled_is_committed")
    crashpoint("after_settled_is_committed")
    return outcome


def _apply(pair: _Pair, intent: Intent) -> Outcome:
    payment, order = pair.payment, pair.order
    if mismatch := _mismatch(payment, order, intent):
        return _park(payment, mismatch)
    wanted = order.state == Order.State.PENDING_PAYMENT
    if intent.state == IntentState.SUCCEEDED:
        if wanted and reservations.keep(order):
            return _paid(pair, intent)
        if wanted:
            _sold_to_others(order)
        return _useless(pair)
    if intent.state == IntentState.REQUIRES_CAPTURE:
        return _held(pair) if wanted and reservations.prolong(order) else Outcome.WAITING
    closed = _CLOSED.get(intent.state)
    if closed is None:
        return Outcome.WAITING
    if payment.state not in Payment.UNSETTLED:
        return Outcome.UNCHANGED
    payment.state, payment.settled_at = closed, timezone.now()
    payment.save(update_fields=["state", "settled_at"])
    return Outcome.CLOSED


def _mismatch(payment: Payment, order: Order, intent: Intent) -> str:
    """In what the provider's word differs from the store's, as a sentence for staff."""
    ours = provider().account
    if intent.id != payment.intent_id:
        return "The provider answered about another payment."
    if intent.account and ours and intent.account != ours:
        return "The provider answered about another account."
    if intent.reference != order.number:
        return "The provider names another order."
    if intent.currency != payment.currency:
        return f"The provider says {intent.currency}, the order says {payment.currency}."
    if intent.amount != payment.amount:
        return f"The provider says {intent.amount}, the order says {payment.amount} {payment.currency}."
    if intent.state == IntentState.SUCCEEDED and intent.captured != payment.amount:
        return f"The provider took {intent.captured} of {payment.amount} {payment.currency}."
    return ""


def _park(payment: Payment, because: str) -> Outcome:
    payment.state, payment.parked_because, payment.settled_at = Payment.State.PARKED, because[:200], timezone.now()
    payment.save(update_fields=["state", "parked_because", "settled_at"])
    reservations.prolong(payment.order)
    oddities.note(OddPayment.Kind.DISAGREES, payment.intent_id, because, payment)
    return Outcome.PARKED


def _held(pair: _Pair) -> Outcome:
    payment = pair.payment
    if payment.state != Payment.State.AUTHORISED:
        payment.state = Payment.State.AUTHORISED
        payment.ask_at = timezone.now() + _FIRST_ASK
        payment.save(update_fields=["state", "ask_at"])
    return Outcome.HELD


def _paid(pair: _Pair, intent: Intent) -> Outcome:
    payment, order = pair.payment, pair.order
    now = timezone.now()
    payment.state, payment.settled_at, payment.captured = Payment.State.PAID, now, intent.captured
    payment.save(update_fields=["state", "settled_at", "captured"])
    order.state, order.paid_at = Order.State.PAID, now
    order.save(update_fields=["state", "paid_at"])
    if intent.instrument is not None and order.subject is not None:
        _keep_instrument(payment, order.subject, intent.instrument)
    enqueue("orders.confirmation_mail", key=f"order-confirmation:{order.pk}", order_id=order.pk)
    # Nobody shall be able to pay a second time on a page that is still open somewhere.
    for other in order.payments.filter(state__in=Payment.UNSETTLED).exclude(intent_id="").exclude(pk=payment.pk):
        enqueue("orders.close_payment", key=f"payment-close:{other.pk}", payment_id=other.pk)
    return Outcome.PAID


def _sold_to_others(order: Order) -> None:
    """The time to pay was over, and the goods went to somebody who asked after that."""
    order.state, order.cancelled_at = Order.State.CANCELLED, timezone.now()
    order.save(update_fields=["state", "cancelled_at"])
    reservations.release(order)


def _useless(pair: _Pair) -> Outcome:
    """Money came for an order that is paid or given up already: it goes back by itself, all of it."""
    payment, order = pair.payment, pair.order
    payment.state, payment.settled_at, payment.captured = Payment.State.RETURNED, timezone.now(), payment.amount
    payment.save(update_fields=["state", "settled_at", "captured"])
    paid = order.payments.filter(state=Payment.State.PAID).exists()
    refunding.give_back_useless(payment, Refund.Reason.SECOND_PAYMENT if paid else Refund.Reason.TOO_LATE)
    return Outcome.RETURNED


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


def finalise_order(order_id: int) -> None:
    """Ask about every payment of an order, those that came to nothing too. Raises `PaymentError` as `finalise` does."""
    unsettled = Payment.objects.filter(order_id=order_id).exclude(state__in=Payment.SETTLED).exclude(intent_id="")
    for payment_id in unsettled.values_list("pk", flat=True):
        finalise(payment_id)


def close(payment_id: int) -> Outcome:
    """Close an unpaid payment at the provider, so that nobody can pay on its page any more."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state not in Payment.UNSETTLED or not payment.intent_id:
        return Outcome.UNCHANGED
    try:
        provider().cancel(payment.intent_id)
    except ProviderRefused:
        # It is too late to close it, or it is closed already: the provider's own word decides.
        logger.info("Payment %s can no longer be closed at the provider.", payment_id)
    crashpoint("after_close_before_commit")
    return finalise(payment_id)


def reconsider(payment_id: int) -> Outcome:
    """Look again at a payment that was put aside, after staff mended what did not agree."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state != Payment.State.PARKED:
        return finalise(payment_id)
    intent = provider().retrieve(payment.intent_id)
    with transaction.atomic():
        pair = _locked(payment_id)
        if pair.payment.state != Payment.State.PARKED:
            return Outcome.UNCHANGED
        pair.payment.state, pair.payment.parked_because, pair.payment.settled_at = Payment.State.OPEN, "", None
        pair.payment.ask_at = timezone.now()
        pair.payment.save(update_fields=["state", "parked_because", "settled_at", "ask_at"])
        return _apply(pair, intent)


def catch_up(limit: int = 200) -> int:
    """Ask about payments of which nothing was heard for a while; says how many were settled. The pauses grow."""
    now, settled, failures = timezone.now(), 0, 0
    due = Payment.objects.filter(state__in=Payment.UNSETTLED, ask_at__lte=now).exclude(intent_id="")
    for payment in list(due.order_by("ask_at")[:limit]):
        pause = min(_FIRST_ASK * 2 ** min(payment.asked, 10), _LONGEST_PAUSE)
        mine = Payment.objects.filter(pk=payment.pk, ask_at=payment.ask_at)
        if not mine.update(ask_at=now + pause, asked=F("asked") + 1):
            continue  # another sweeper was quicker
        crashpoint("after_turn_before_ask")
        try:
            settled += finalise(payment.pk) not in (Outcome.WAITING, Outcome.UNCHANGED)
        except PaymentError as error:
            logger.warning("Payment %s waits for the payment provider: %s", payment.pk, type(error).__name__)
            failures += 1
            if failures >= 3:
                break  # nobody is there; the rest keeps its turn
    return settled
