"""Money is held before it is taken: an order that is gone meanwhile costs its buyer nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.domain import payment as payments
from orders.domain.giving_up import cancel_unpaid
from orders.domain.payment import Outcome, finalise
from orders.models import Order, Payment, PaymentInstrument
from orders.payment.provider import IntentState, ProviderUnavailable
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant

HELD = IntentState.REQUIRES_CAPTURE


@pytest.fixture(autouse=True)
def _holding(store: None, settings: Any) -> None:
    settings.PAYMENT_HOLDS_FIRST = True


def test_held_money_is_taken_for_an_order_that_waits(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    intent = payment_of(order).intent_id
    assert provider.books.holding == {intent}
    provider.settle(intent, HELD)
    assert finalise(payment_of(order).pk) == Outcome.PAID
    assert provider.books.intents[intent].captured == order.total
    assert payment_of(order).captured == order.total
    assert PaymentInstrument.objects.count() == 1


def test_a_provider_that_goes_away_between_holding_and_taking_is_asked_again(
    client: Client, provider: type[FakeProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id, HELD)

    def away(*_arguments: object, **_options: object) -> None:
        raise ProviderUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(FakeProvider, "capture", away)
        with pytest.raises(ProviderUnavailable):
            finalise(payment_of(order).pk)
    assert payment_of(order).state == Payment.State.AUTHORISED
    page = client.get(f"/checkout/pay/{order.number}/").content.decode()
    assert "do not pay again" in page
    Payment.objects.update(ask_at=timezone.now())
    assert payments.catch_up() == 1
    assert payment_of(order).state == Payment.State.PAID


def test_held_money_of_an_order_that_is_gone_is_let_go(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    Order.objects.update(state=Order.State.CANCELLED, cancelled_at=timezone.now())
    provider.settle(payment_of(order).intent_id, HELD)
    assert finalise(payment_of(order).pk) == Outcome.CLOSED
    assert provider.books.intents[payment_of(order).intent_id].state == IntentState.CANCELLED


def test_an_order_whose_money_is_held_is_finished_and_not_given_up(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id, HELD)
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert not cancel_unpaid(order.pk)
    assert Order.objects.get().state == Order.State.PAID


def test_a_hold_that_the_bank_ended_leaves_the_order_payable(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id, HELD)
    Payment.objects.update(state=Payment.State.AUTHORISED)
    provider.settle(payment_of(order).intent_id, IntentState.EXPIRED)
    assert finalise(payment_of(order).pk) == Outcome.CLOSED
    assert payments._open_payment(order.pk).pk != order.payments.last().pk


def test_a_part_that_was_taken_elsewhere_is_put_aside(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id, amount_captured=order.total - 1)
    assert finalise(payment_of(order).pk) == Outcome.PARKED


def test_the_sandbox_holds_takes_once_and_lets_go(payment_sandbox, listening_shop, new_intent, type_card) -> None:
    provider = payment_sandbox.provider()
    held, let_go, part = (new_intent(capture_at_once=False) for _ in range(3))
    for intent in (held, let_go, part):
        assert type_card(intent).status_code == 303
        assert provider.retrieve(intent.id).state == HELD
    assert listening_shop.next_webhook().event["kind"] == "payment.held"
    taking = {"amount": held.amount, "currency": "KRW", "idempotency_key": "k1"}
    assert [provider.capture(held.id, **taking).captured for _ in range(2)] == [held.amount] * 2
    assert provider.cancel(let_go.id).state == IntentState.CANCELLED
    taken = provider.capture(part.id, amount=held.amount - 5000, currency="KRW", idempotency_key="k2")
    assert (taken.state, taken.captured) == (IntentState.SUCCEEDED, held.amount - 5000)
    for intent, code in ((let_go, "not_capturable"), (held, "not_capturable")):
        with pytest.raises(Exception, match="nothing to capture") as refused:
            provider.capture(intent.id, amount=held.amount, currency="KRW", idempotency_key=f"other-{intent.id}")
        assert refused.value.code == code
    with pytest.raises(Exception, match="more than was captured"):
        provider.refund(part.id, amount=held.amount, currency="KRW", idempotency_key="r")
