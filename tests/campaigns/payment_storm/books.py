"""The store's books beside the provider's after a storm: every difference is a sentence, and there should be none."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from orders.models import OddPayment, Order, Payment, PaymentEvent, Refund
from orders.payment.provider import from_minor
from privacy.models import Effect


@dataclass
class Planted:
    """What the storm did on purpose, so that it must be found in the right place and nowhere else."""

    bent: set[str] = field(default_factory=set)  # intents that do not agree with their order
    strangers: set[str] = field(default_factory=set)  # intents that no order asked for
    lies: dict[str, str] = field(default_factory=dict)  # signed messages that lie: event → kind of oddity expected
    forged: set[str] = field(default_factory=set)  # events that were forged or came too late


def provider_rows(state: Path) -> list[sqlite3.Row]:
    """Every intent as the provider's own file has it."""
    with closing(sqlite3.connect(f"file:{state / 'sandbox.sqlite3'}?mode=ro", uri=True)) as books:
        books.row_factory = sqlite3.Row
        return books.execute("SELECT * FROM intent").fetchall()


def differences(state: Path, planted: Planted) -> list[str]:
    """Everything in which the two sets of books differ, beyond what was planted."""
    found: list[str] = []
    there = {row["id"]: row for row in provider_rows(state)}
    here = {p.intent_id: p for p in Payment.objects.select_related("order").exclude(intent_id="")}
    done: dict[int, Decimal] = defaultdict(Decimal)
    for refund in Refund.objects.filter(state=Refund.State.DONE):
        done[refund.payment_id] += refund.amount
    net_there: dict[str, Decimal] = defaultdict(Decimal)
    net_here: dict[str, Decimal] = defaultdict(Decimal)
    for intent_id, row in there.items():
        taken = from_minor(row["amount_captured"], row["currency"])
        back = from_minor(row["amount_refunded"], row["currency"])
        payment = here.get(intent_id)
        if intent_id in planted.strangers:
            if payment is not None:
                found.append(f"{intent_id}: a stranger's charge was booked")
            continue
        if intent_id in planted.bent:
            if payment is not None and payment.state in (Payment.State.PAID, Payment.State.RETURNED):
                found.append(f"{intent_id}: a payment that disagrees was booked as {payment.state}")
            continue
        net_there[row["currency"]] += taken - back
        if payment is None:
            found += [f"{intent_id}: {taken} {row['currency']} taken, and the store does not know it"] * bool(taken)
            continue
        found += _compare(row, payment, taken, back, done[payment.pk])
    for payment in here.values():
        if payment.state in (Payment.State.PAID, Payment.State.RETURNED):
            net_here[payment.currency] += payment.captured - done[payment.pk]
            if payment.intent_id not in there:
                found.append(f"{payment.intent_id}: paid here, unknown there")
    for currency in sorted(set(net_there) | set(net_here)):
        if net_there[currency] != net_here[currency]:
            found.append(f"{currency}: the provider has {net_there[currency]}, the store {net_here[currency]}")
    return found + _orders() + _traces(planted)


def _compare(row: sqlite3.Row, payment: Payment, taken: Decimal, back: Decimal, done: Decimal) -> list[str]:
    name, state = row["id"], payment.state
    if taken and state not in (Payment.State.PAID, Payment.State.RETURNED):
        return [f"{name}: {written(taken)} taken there, {state} here"]
    if not taken and state in (Payment.State.PAID, Payment.State.RETURNED):
        return [f"{name}: {row['state']} there, {state} here"]
    if taken != payment.captured or back != done:
        return [f"{name}: {taken} - {back} there, {payment.captured} - {done} here"]
    if state == Payment.State.RETURNED and back != taken:
        return [f"{name}: bought nothing and {taken - back} was not given back"]
    if row["state"] == "requires_capture":
        return [f"{name}: money is still held, and nobody takes it or lets it go"]
    return []


def written(amount: Decimal) -> str:
    """An amount as it is read: the provider counts whole won, the database writes two places for every currency."""
    return f"{amount.normalize():f}"


def _orders() -> list[str]:
    found = []
    confirmations = Counter(
        Effect.objects.filter(kind="orders.confirmation_mail").values_list("ids__order_id", flat=True)
    )
    for order in Order.objects.prefetch_related("payments"):
        states = Counter(payment.state for payment in order.payments.all())
        paid = states[Payment.State.PAID]
        if paid > 1:
            found.append(f"{order.number}: paid {paid} times")
        if (order.paid_at is not None) != (paid == 1):
            found.append(f"{order.number}: is {order.state} with {dict(states)}")
        if confirmations[order.pk] != int(paid == 1):
            found.append(f"{order.number}: {confirmations[order.pk]} confirmations")
    unfinished = Effect.objects.filter(done_at__isnull=True).values_list("key", "last_error")
    found += [f"outbox: {key} was not carried out: {error}" for key, error in unfinished]
    return found


def _traces(planted: Planted) -> list[str]:
    found = []
    accepted = set(PaymentEvent.objects.values_list("event_id", flat=True)) & planted.forged
    found += [f"{event}: a forged message was accepted" for event in accepted]
    rows = OddPayment.objects.select_related("payment")
    # What the provider says of a payment that was bent is odd by itself.
    odd = {(row.kind, row.key) for row in rows if row.payment is None or row.payment.intent_id not in planted.bent}
    odd |= {(OddPayment.Kind.DISAGREES, row.key) for row in rows if row.kind == OddPayment.Kind.DISAGREES}
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind, key in odd:
        kinds[kind].add(key)
    for event, kind in planted.lies.items():
        if event not in kinds[kind]:
            found.append(f"{event}: a signed message that lies was not put where staff see it ({kind})")
    found += [f"{i}: disagrees, and staff were not told" for i in planted.bent - kinds[OddPayment.Kind.DISAGREES]]
    found += [f"{i}: nobody was told of it" for i in planted.strangers - kinds[OddPayment.Kind.UNKNOWN_CHARGE]]
    expected = set(planted.lies) | planted.bent | planted.strangers
    found += [f"staff were told of nothing: {kind} {key}" for kind, key in odd if key not in expected]
    return found
