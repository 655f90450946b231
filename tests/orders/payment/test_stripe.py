"""What only Stripe does: its currencies, its messages about payments and disputes, its forgetful keys, its slow banks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orders.models import OddPayment, Order, Payment
from orders.payment import stripe_shapes as shapes
from orders.payment.provider import ForgedWebhook, IntentRequest, IntentState, NotForUs, ProviderUnavailable, Topic
from privacy.outbox import deliver_due
from tests.orders.shop import buy, payment_of, variant
from tests.support.stripe_stub import StripeStub

pytest.importorskip("stripe")


@pytest.fixture
def stub() -> Iterator[StripeStub]:
    server = StripeStub()
    yield server
    server.close()


@pytest.fixture
def provider(stub: StripeStub) -> Any:
    from orders.payment.stripe import StripeProvider

    return StripeProvider(stub.key, stub.webhook_secret, url=stub.url)


@pytest.fixture
def wish() -> IntentRequest:
    return IntentRequest(
        reference="K24-AAAA-BBBB-CCCC-DDDD", amount=Decimal("24.40"), currency="USD", return_url="https://shop.example/back",
        cancel_url="https://shop.example/pay", webhook_url="https://shop.example/hook", locale="ko", idempotency_key="key-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "USD", 1234), ("12000", "KRW", 12000), ("500", "JPY", 500), ("7.10", "EUR", 710), ("9.99", "CNY", 999),
        ("5", "VND", 5), ("5", "MGA", 5), ("1.230", "KWD", 1230), ("5", "UGX", 500), ("5", "ISK", 500),
    ],
)  # fmt: skip
def test_amounts_are_counted_as_stripe_counts_them(amount: str, currency: str, minor: int) -> None:
    assert shapes.to_minor(Decimal(amount), currency) == minor
    assert shapes.from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.5", "KRW"), ("1.234", "USD"), ("1.2345", "KWD"), ("1.234", "KWD"), ("5.5", "ISK")]
)
def test_what_would_be_rounded_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="no amount that Stripe can take"):
        shapes.to_minor(Decimal(amount), currency)
    with pytest.raises(TypeError):
        shapes.to_minor(1.5, currency)


def test_the_page_asks_for_no_more_than_the_payment_needs(stub: StripeStub, provider: Any, wish: IntentRequest) -> None:
    intent = provider.create_intent(wish)
    asked = stub.pages[intent.id]["_wish"]
    assert asked["success_url"] == wish.return_url
    assert asked["adaptive_pricing"] == {"enabled": "false"}
    assert asked["locale"] == "ko"
    assert asked["payment_intent_data"]["metadata"] == {"payment": "key-1", "order": wish.reference}
    assert "customer_email" not in asked
    provider.create_intent(dataclasses.replace(wish, locale="fr", idempotency_key="key-2"))
    assert stub.pages[list(stub.pages)[-1]]["_wish"]["locale"] == "auto"


def test_a_slow_bank_says_yes_or_no_in_the_end(stub: StripeStub, provider: Any, wish: IntentRequest) -> None:
    yes, no = (provider.create_intent(dataclasses.replace(wish, idempotency_key=key)).id for key in "ab")
    for page in (yes, no):
        stub.pay(page, bank="processing")
        assert provider.retrieve(page).state == IntentState.PROCESSING
    stub.bank_says(yes, "succeeded")
    stub.bank_says(no, "requires_payment_method")
    assert [provider.retrieve(page).state for page in (yes, no)] == [IntentState.SUCCEEDED, IntentState.FAILED]


def test_a_bank_that_asks_the_buyer_is_waited_for(stub: StripeStub, provider: Any, wish: IntentRequest) -> None:
    page = provider.create_intent(wish).id
    stub.pay(page, bank="requires_action")
    assert provider.retrieve(page).state == IntentState.REQUIRES_ACTION
    stub.bank_says(page, "succeeded")
    assert provider.retrieve(page).state == IntentState.SUCCEEDED


def _read(stub: StripeStub, provider: Any, body: bytes) -> Any:
    return provider.read_webhook(body, {"stripe-signature": stub.sign(body)})


def test_a_message_about_the_payment_is_known_by_the_key_it_carries(
    stub: StripeStub, provider: Any, wish: IntentRequest
) -> None:
    page = provider.create_intent(wish).id
    stub.pay(page)
    payment = stub.payments[stub.pages[page]["payment_intent"]]
    event = _read(stub, provider, stub.event("payment_intent.succeeded", payment))
    assert (event.intent_id, event.key, event.amount, event.topic) == ("", "key-1", Decimal("24.40"), Topic.PAYMENT)
    event = _read(stub, provider, stub.event("charge.refunded", payment["latest_charge"]))
    assert (event.key, event.amount, event.topic) == ("key-1", None, Topic.REFUND)


def test_a_dispute_is_led_back_to_its_page(stub: StripeStub, provider: Any, wish: IntentRequest) -> None:
    page = provider.create_intent(wish).id
    stub.pay(page)
    dispute = {
        "id": "dp_1", "object": "dispute", "payment_intent": stub.pages[page]["payment_intent"], "metadata": {}, "amount": 1,
        "currency": "usd",
    }  # fmt: skip
    event = _read(stub, provider, stub.event("charge.dispute.created", dispute))
    assert (event.intent_id, event.topic) == (page, Topic.DISPUTE)
    with pytest.raises(NotForUs):
        _read(stub, provider, stub.event("charge.dispute.created", dispute | {"payment_intent": "pi_elsewhere"}))


@pytest.mark.parametrize(
    ("kind", "about", "changes"),
    [
        ("invoice.paid", {"object": "invoice", "id": "in_1"}, {}),
        ("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_1", "amount": 5, "currency": "usd"}, {}),
        ("checkout.session.completed", {"object": "checkout.session", "id": "cs_1", "metadata": {}}, {}),
        ("checkout.session.completed", {"object": "checkout.session", "id": "cs_1"}, {"livemode": True}),
    ],
    ids=["other thing", "no key", "other program's page", "live"],
)
def test_what_is_not_about_this_store_is_left_alone(
    stub: StripeStub, provider: Any, kind: str, about: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(NotForUs):
        _read(stub, provider, stub.event(kind, about, **changes))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"livemode": false}', b'{"livemode": false, "type": "charge.x"}']
)
def test_signed_nonsense_is_refused(stub: StripeStub, provider: Any, body: bytes) -> None:
    with pytest.raises(ForgedWebhook):
        _read(stub, provider, body)


@pytest.mark.parametrize("amount", [1050.7, 1050.0, "1050", True, [1050]])
def test_a_message_that_names_a_part_of_a_cent_is_refused_and_not_cut_to_a_whole_one(
    stub: StripeStub, provider: Any, amount: Any
) -> None:
    about = {"object": "checkout.session", "id": "cs_1", "currency": "usd", "metadata": {"payment": "a-key-of-ours"}}
    body = stub.event("checkout.session.completed", about | {"amount_total": 1050})
    assert _read(stub, provider, body).amount == Decimal("10.50")
    with pytest.raises(ForgedWebhook):
        _read(stub, provider, stub.event("checkout.session.completed", about | {"amount_total": amount}))


def test_a_key_that_stripe_forgot_gives_nothing_back_twice(
    stub: StripeStub, provider: Any, wish: IntentRequest
) -> None:
    page = provider.create_intent(wish).id
    stub.pay(page)
    giving = {"amount": Decimal("10.00"), "currency": "USD", "idempotency_key": "refund-1"}
    first = provider.refund(page, **giving)
    stub.answers.clear()
    assert provider.refund(page, **giving) == first
    assert len(stub.refunds) == 1


def test_trouble_at_stripe_is_for_trying_again(stub: StripeStub, provider: Any, wish: IntentRequest) -> None:
    stub.fail_next = 1
    with pytest.raises(ProviderUnavailable):
        provider.create_intent(wish)
    assert provider.create_intent(wish).id
    page = next(iter(stub.pages))
    stub.pages[page]["status"] = "complete"
    with pytest.raises(ProviderUnavailable, match="do not understand"):
        provider.retrieve(page)


def test_money_taken_without_a_page_of_ours_is_on_the_list(
    stub: StripeStub, provider: Any, wish: IntentRequest
) -> None:
    page = provider.create_intent(wish).id
    stub.pay(page)
    elsewhere = stub.take_elsewhere(700, "usd")
    listed = {intent.id: intent for intent in provider.list_intents(datetime(2026, 1, 1, tzinfo=UTC))}
    assert set(listed) == {page, elsewhere}
    assert (listed[elsewhere].captured, listed[elsewhere].key) == (Decimal("7.00"), "")


def test_without_its_keys_it_says_what_to_set() -> None:
    from orders.payment.stripe import StripeProvider

    with pytest.raises(ValueError, match="STRIPE_WEBHOOK_SECRET"):
        StripeProvider("sk_test_1", "")


@pytest.fixture
def stripe_store(db: None, stub: StripeStub, settings: Any) -> StripeStub:
    from orders.domain.shipping import ensure_rates

    settings.PAYMENT_PROVIDER = "orders.payment.stripe.StripeProvider"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = stub.key, stub.webhook_secret
    settings.STRIPE_API_URL = stub.url
    ensure_rates()
    return stub


def _tell(client: Client, stub: StripeStub, body: bytes) -> int:
    sent = {"content_type": "application/json", "headers": {"Stripe-Signature": stub.sign(body)}}
    return client.post("/payments/webhook/", body, **sent).status_code


@pytest.mark.parametrize("holds", [False, True], ids=["at once", "held first"])
def test_an_order_is_paid_by_stripe_through_the_whole_store(
    client: Client, stripe_store: StripeStub, settings: Any, holds: bool
) -> None:
    settings.PAYMENT_HOLDS_FIRST = holds
    order = buy(client, variant())
    page = payment_of(order).intent_id
    assert payment_of(order).pay_url == stripe_store.pages[page]["url"]
    stripe_store.pay(page)
    body = stripe_store.page_event(page)
    assert [_tell(client, stripe_store, body) for _ in range(3)] == [200] * 3
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    paid = payment_of(order)
    assert (paid.state, paid.captured, paid.provider) == (Payment.State.PAID, order.total, "StripeProvider")
    payment = stripe_store.payments[stripe_store.pages[page]["payment_intent"]]
    payment["latest_charge"]["amount_refunded"] = 100
    assert _tell(client, stripe_store, stripe_store.event("charge.refunded", payment["latest_charge"])) == 200
    assert OddPayment.objects.get().kind == OddPayment.Kind.UNKNOWN_REFUND
    assert _tell(client, stripe_store, stripe_store.event("invoice.paid", {"object": "invoice"})) == 200
    assert _tell(client, stripe_store, json.dumps({"livemode": False}).encode()) == 400
    deliver_due()
