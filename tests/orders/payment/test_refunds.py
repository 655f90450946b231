"""Money goes back: never more than was taken, by two people above a sum, once however often it is tried."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from orders.domain import refunding
from orders.domain.payment import finalise
from orders.domain.refunding import CannotRefund
from orders.models import OddPayment, Payment, Refund
from privacy.models import Effect, Subject
from privacy.outbox import deliver_due
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def staff() -> tuple[Subject, Subject]:
    return Subject.objects.create(), Subject.objects.create()


@pytest.fixture
def paid(client: Client, provider: type[FakeProvider]) -> Payment:
    return _paid(client, provider, "150.00", quantity=2)


def _paid(client: Client, provider: type[FakeProvider], price: str, quantity: int) -> Payment:
    order = buy(client, variant(price=price, sku="TEA-9"), quantity=quantity)
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    return payment_of(order)


def _given_back(payment: Payment) -> Decimal:
    return FakeProvider.books.intents[payment.intent_id].amount_refunded


def test_parts_go_back_until_everything_has(paid: Payment, staff: tuple[Subject, Subject]) -> None:
    one, _other = staff
    for part in ("100.00", "0.01", "200.00"):
        assert refunding.propose(paid.pk, Decimal(part), reason="goodwill", by=one).state == Refund.State.DUE
    paid.refresh_from_db()
    left = paid.returnable
    with pytest.raises(CannotRefund, match=f"At most {left}"):
        refunding.propose(paid.pk, left + Decimal("0.01"), reason="goodwill", by=one)
    refunding.propose(paid.pk, left, reason="goodwill", by=one)
    deliver_due()
    assert _given_back(paid) == paid.amount
    assert set(Refund.objects.values_list("state", flat=True)) == {Refund.State.DONE}
    with pytest.raises(CannotRefund):
        refunding.propose(paid.pk, Decimal("0.01"), reason="goodwill", by=one)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_refused(paid: Payment, staff: tuple[Subject, Subject], amount: str) -> None:
    with pytest.raises(CannotRefund, match="exists in this currency"):
        refunding.propose(paid.pk, Decimal(amount), reason="goodwill", by=staff[0])


@pytest.mark.parametrize("reason", ["", "because", "second_payment", "too_late"])
def test_a_reason_is_one_that_people_may_give(paid: Payment, staff: tuple[Subject, Subject], reason: str) -> None:
    with pytest.raises(CannotRefund, match="reasons"):
        refunding.propose(paid.pk, Decimal(1), reason=reason, by=staff[0])


def test_above_the_limit_two_people_are_needed(paid: Payment, staff: tuple[Subject, Subject]) -> None:
    one, other = staff
    refund = refunding.propose(paid.pk, Decimal("250.01"), reason="withdrawn", by=one)
    assert refund.state == Refund.State.PROPOSED
    deliver_due()
    assert _given_back(paid) == 0
    with pytest.raises(CannotRefund, match="Somebody else"):
        refunding.release(refund.pk, by=one)
    with pytest.raises(CannotRefund, match="At most"):
        refunding.propose(paid.pk, Decimal("100.00"), reason="goodwill", by=other)
    assert refunding.release(refund.pk, by=other).state == Refund.State.DUE
    deliver_due()
    assert _given_back(paid) == Decimal("250.01")
    with pytest.raises(CannotRefund, match="decided already"):
        refunding.release(refund.pk, by=other)


def test_the_table_itself_wants_two_people(paid: Payment, staff: tuple[Subject, Subject]) -> None:
    refund = refunding.propose(paid.pk, Decimal("260"), reason="withdrawn", by=staff[0])
    with pytest.raises(DatabaseError, match="refund_seen_by_two"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state=Refund.State.DUE, decided_by=staff[0])
    with pytest.raises(DatabaseError, match="refund_seen_by_two"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state=Refund.State.DONE)


def test_the_table_itself_gives_no_more_than_was_taken(paid: Payment) -> None:
    with pytest.raises(DatabaseError, match="payment_returns_what_was_taken"), transaction.atomic():
        Payment.objects.filter(pk=paid.pk).update(refund_total=paid.captured + 1)


def test_a_currency_without_a_limit_always_needs_two(settings) -> None:
    settings.REFUND_BY_ONE_UP_TO = {"USD": 250}
    assert refunding.limit_for_one("USD") == 250
    assert refunding.limit_for_one("CHF") == 0


def test_what_was_not_agreed_to_can_be_promised_again(paid: Payment, staff: tuple[Subject, Subject]) -> None:
    one, other = staff
    refund = refunding.propose(paid.pk, Decimal("290"), reason="withdrawn", by=one)
    assert refunding.reject(refund.pk, by=other).state == Refund.State.REJECTED
    paid.refresh_from_db()
    assert paid.refund_total == 0
    refunding.propose(paid.pk, Decimal("290"), reason="withdrawn", by=one)


def test_a_refund_that_is_carried_out_twice_gives_back_once(
    client: Client, provider: type[FakeProvider], paid: Payment, staff: tuple[Subject, Subject]
) -> None:
    refund = refunding.propose(paid.pk, Decimal("10"), reason="goodwill", by=staff[0])
    refunding.carry_out(refund.pk)
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.DUE)
    refunding.carry_out(refund.pk)
    assert _given_back(paid) == 10


def test_a_provider_that_is_away_is_asked_again(
    provider: type[FakeProvider], paid: Payment, staff: tuple[Subject, Subject]
) -> None:
    refunding.propose(paid.pk, Decimal("10"), reason="goodwill", by=staff[0])
    provider.books.down = True
    deliver_due()
    assert Refund.objects.get().state == Refund.State.DUE
    provider.books.down = False
    Effect.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    deliver_due()
    assert Refund.objects.get().state == Refund.State.DONE


def test_a_refund_that_the_provider_refuses_waits_for_staff(
    provider: type[FakeProvider], paid: Payment, staff: tuple[Subject, Subject]
) -> None:
    refunding.propose(paid.pk, Decimal("10"), reason="goodwill", by=staff[0])
    provider.books.refuse_refunds = True
    deliver_due()
    refund = Refund.objects.select_related("payment").get()
    assert (refund.state, refund.refused_because) == (Refund.State.REFUSED, "The bank said no.")
    assert refund.payment.refund_total == 0
    assert OddPayment.objects.get().kind == OddPayment.Kind.REFUND_REFUSED


def test_nothing_goes_back_of_what_was_not_paid(client: Client, staff: tuple[Subject, Subject]) -> None:
    order = buy(client, variant())
    with pytest.raises(CannotRefund, match="not paid"):
        refunding.propose(payment_of(order).pk, Decimal(1), reason="goodwill", by=staff[0])
