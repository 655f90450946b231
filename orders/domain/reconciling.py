"""The store's books beside the provider's: what one knows and the other does not is mended, or put where staff see it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from orders.domain import oddities
from orders.domain.payment import Outcome, finalise
from orders.models import OddPayment, Order, Payment, Refund
from orders.payment.provider import Intent, IntentState, ProviderRefused
from orders.payment.registry import provider
from privacy.crashpoints import crashpoint

logger = logging.getLogger(__name__)

Kind = OddPayment.Kind
_PAGE = 200
# What happened a moment ago is still on its way here.
_TOO_FRESH = dt.timedelta(minutes=2)
_OPEN_THERE = (IntentState.REQUIRES_PAYMENT, IntentState.REQUIRES_ACTION, IntentState.REQUIRES_CAPTURE)


@dataclass(slots=True)
class Figures:
    """What a comparison came to. `odd` things wait for staff, the others were mended."""

    looked_at: int = 0
    mended: int = 0
    closed: int = 0
    odd: int = 0


def reconcile(since: dt.datetime) -> Figures:
    """Compare everything that was opened at the provider since a moment with the store, and the other way round.

    Charges that the store does not know yet are brought in; pages that nobody needs any more are closed; what remains
    goes to staff. May run at any time and as often as wished. Raises `PaymentError` when the provider does not answer.
    """
    figures, seen = Figures(), set()
    everything = provider().list_intents(since)
    while page := list(islice(everything, _PAGE)):
        known = {p.intent_id: p for p in Payment.objects.filter(intent_id__in=[intent.id for intent in page])}
        given = _given_back(known.values())
        for intent in page:
            seen.add(intent.id)
            figures.looked_at += 1
            _compare(intent, known.get(intent.id), given, figures)
    for payment in _paid_since(since):
        if payment.intent_id not in seen:
            figures.looked_at += 1
            _look_for(payment, figures)
    return figures


def _compare(intent: Intent, payment: Payment | None, given: dict[int, Decimal], figures: Figures) -> None:
    if payment is None:
        payment = adopt(intent)
        if payment is None:
            _compare_stranger(intent, figures)
            return
        figures.mended += 1
    if payment.state in (Payment.State.PAID, Payment.State.RETURNED):
        if _charge_differs(intent, payment) and _charge_differs(intent := provider().retrieve(intent.id), payment):
            figures.odd += 1
            says = f"Here {payment.captured} {payment.currency} were taken; the provider says {intent.state}, {intent.captured}."
            oddities.note(Kind.MISSING_CHARGE, intent.id, says, payment)
            return
        figures.odd += _compare_refunds(intent, payment, given.get(payment.pk, Decimal(0)))
        return
    if payment.state == Payment.State.PARKED or (intent.state in _OPEN_THERE and payment.state == Payment.State.OPEN):
        return
    outcome = finalise(payment.pk)
    figures.mended += outcome in (Outcome.PAID, Outcome.RETURNED, Outcome.CLOSED)
    figures.odd += outcome is Outcome.PARKED


def _charge_differs(intent: Intent, payment: Payment) -> bool:
    return intent.state != IntentState.SUCCEEDED or intent.captured != payment.captured


def _compare_stranger(intent: Intent, figures: Figures) -> None:
    """An intent that no payment here knows: a charge goes to staff, an open page of our own making is closed."""
    if intent.captured > intent.amount_refunded:
        figures.odd += 1
        says = f"{intent.captured - intent.amount_refunded} {intent.currency} for {intent.reference!r}."
        oddities.note(Kind.UNKNOWN_CHARGE, intent.id, says)
    elif intent.state in _OPEN_THERE and _was_ours(intent):
        try:
            provider().cancel(intent.id)
            figures.closed += 1
        except ProviderRefused:
            logger.info("An unknown payment could not be closed; the next comparison sees what became of it.")


def _was_ours(intent: Intent) -> bool:
    key = payment_key(intent.key)
    return key is not None and Payment.objects.filter(key=key).exists()


def _look_for(payment: Payment, figures: Figures) -> None:
    """A payment that the store believes paid and the provider's list does not have."""
    try:
        intent = provider().retrieve(payment.intent_id)
    except ProviderRefused:
        figures.odd += 1
        says = (
            f"{payment.captured} {payment.currency} for order {payment.order_id}; the provider knows no such payment."
        )
        oddities.note(Kind.MISSING_CHARGE, payment.intent_id, says, payment)
    else:
        _compare(intent, payment, _given_back([payment]), figures)


def _paid_since(since: dt.datetime) -> Iterator[Payment]:
    paid = Payment.objects.filter(state__in=[Payment.State.PAID, Payment.State.RETURNED], created_at__gte=since)
    return paid.filter(settled_at__lte=timezone.now() - _TOO_FRESH).iterator()


def compare_refunds(payment: Payment) -> None:
    """Look whether the provider gave back what the store told it to, no more and no less."""
    if payment.intent_id:
        given = _given_back([payment])
        _compare_refunds(provider().retrieve(payment.intent_id), payment, given.get(payment.pk, Decimal(0)))


def _compare_refunds(intent: Intent, payment: Payment, done: Decimal) -> int:
    """How many oddities were found."""
    if intent.amount_refunded == done:
        return 0
    # What is on its way stands in the provider's books already, or not yet; and the page may be older than our rows.
    # So our rows are read first, then the provider, then our rows again: what differs from both is odd.
    done_before = _sum(payment, Refund.State.DONE)
    given = provider().retrieve(intent.id).amount_refunded
    promised_after = _sum(payment, Refund.State.DUE, Refund.State.DONE)
    if given > promised_after:
        says = f"{given - promised_after} {payment.currency} more than the store knows of."
        oddities.note(Kind.UNKNOWN_REFUND, f"{intent.id}:{given}", says, payment)
        return 1
    if given < done_before:
        says = f"The store says {done_before} {payment.currency}, the provider says {given}."
        oddities.note(Kind.MISSING_REFUND, f"{intent.id}:{done_before}", says, payment)
        return 1
    return 0


def _given_back(payments: Iterable[Payment]) -> dict[int, Decimal]:
    rows = Refund.objects.filter(payment__in=[p.pk for p in payments], state=Refund.State.DONE)
    return dict(rows.values("payment").annotate(total=Sum("amount")).values_list("payment", "total"))


def _sum(payment: Payment, *states: Refund.State) -> Decimal:
    return payment.refunds.filter(state__in=states).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def adopt(intent: Intent) -> Payment | None:
    """Remember an intent that was made under the key of one of our payments; None when it is not ours.

    The process that opened it died before it could write the provider's answer down.
    """
    key = payment_key(intent.key)
    if key is None:
        return None
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).filter(payments__key=key).first()
        if order is None or order.number != intent.reference:
            return None
        payment = Payment.objects.select_for_update().get(key=key)
        if not payment.intent_id:
            payment.intent_id, payment.pay_url = intent.id, intent.pay_url
            payment.ask_at = timezone.now()
            payment.save(update_fields=["intent_id", "pay_url", "ask_at"])
    crashpoint("after_adoption")
    return payment if payment.intent_id == intent.id else None


def payment_key(text: str) -> UUID | None:
    """The key of a payment, read from what the provider was given to remember."""
    try:
        return UUID(text)
    except ValueError:
        return None
