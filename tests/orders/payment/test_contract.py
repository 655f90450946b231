"""Every adapter keeps the same contract: what the store relies on holds for the sandbox and for Stripe alike."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.payment.provider import (
    ForgedWebhook,
    Forgotten,
    Intent,
    IntentRequest,
    IntentState,
    PaymentProvider,
    ProviderRefused,
    ProviderUnavailable,
    StaleWebhook,
)
from orders.payment.signature import HEADER, sign
from tests.support.payment_sandbox import PaymentSandbox, Shop
from tests.support.stripe_stub import StripeStub

stripe = pytest.importorskip("stripe")


@dataclasses.dataclass
class World:
    """A provider, and what its shoppers and its network can do."""

    provider: PaymentProvider
    pay: Callable[[Intent], None]
    signed: Callable[..., tuple[bytes, dict[str, str]]]
    down: Callable[[], None]


@pytest.fixture(params=["sandbox", "stripe"])
def world(request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue(f"_{request.param}_world")


@pytest.fixture
def _sandbox_world(payment_sandbox: PaymentSandbox, listening_shop: Shop, type_card: Any) -> World:
    def signed(intent: Intent, *, age: int = 0, secret: str = "") -> tuple[bytes, dict[str, str]]:
        heard = listening_shop.next_webhook("payment.succeeded")
        proof = sign(secret or payment_sandbox.webhook_secret, heard.body, int(time.time()) - age)
        return heard.body, {HEADER: proof}

    return World(payment_sandbox.provider(), lambda intent: type_card(intent) and None, signed, payment_sandbox.stop)


@pytest.fixture
def stub() -> Iterator[StripeStub]:
    server = StripeStub()
    yield server
    server.close()


@pytest.fixture
def _stripe_world(stub: StripeStub) -> World:
    from orders.payment.stripe import StripeProvider

    def signed(intent: Intent, *, age: int = 0, secret: str = "") -> tuple[bytes, dict[str, str]]:
        body = stub.page_event(intent.id)
        return body, {"Stripe-Signature": stub.sign(body, age=age, secret=secret)}

    provider = StripeProvider(stub.key, stub.webhook_secret, url=stub.url)
    return World(provider, lambda intent: stub.pay(intent.id), signed, stub.close)


def _wish(wish: IntentRequest, **changes: Any) -> IntentRequest:
    return dataclasses.replace(wish, **changes)


def _taking(intent: Intent, amount: Decimal | int, key: str) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": intent.currency, "idempotency_key": key}


@pytest.mark.parametrize(("amount", "currency"), [("12000", "KRW"), ("12.34", "USD"), ("500", "JPY"), ("7.10", "EUR")])
def test_a_payment_is_what_was_asked_for(world: World, wish: IntentRequest, amount: str, currency: str) -> None:
    asked = _wish(wish, amount=Decimal(amount), currency=currency, idempotency_key=f"k-{currency}")
    made = world.provider.create_intent(asked)
    assert made.pay_url.startswith("http")
    for intent in (made, world.provider.retrieve(made.id)):
        assert (intent.amount, intent.currency, intent.reference) == (Decimal(amount), currency, wish.reference)
        assert (intent.state, intent.captured, intent.key) == (IntentState.REQUIRES_PAYMENT, 0, asked.idempotency_key)
        assert intent.instrument is None


def test_one_key_opens_one_page_and_serves_one_request(world: World, wish: IntentRequest) -> None:
    assert world.provider.create_intent(wish).id == world.provider.create_intent(wish).id
    with pytest.raises(ProviderRefused) as refused:
        world.provider.create_intent(_wish(wish, amount=Decimal(1)))
    assert refused.value.code == "key_reused"


def test_a_paid_payment_says_by_which_card_and_never_its_number(world: World, wish: IntentRequest) -> None:
    intent = world.provider.create_intent(wish)
    world.pay(intent)
    paid = world.provider.retrieve(intent.id)
    assert (paid.state, paid.captured, paid.amount_refunded) == (IntentState.SUCCEEDED, wish.amount, 0)
    card = paid.instrument
    assert (card.brand, card.last4, card.expiry_month, card.expiry_year) == ("visa", "4242", 8, 2039)
    assert (card.holder, card.billing_address.country, card.billing_address.postal_code) == (
        "Kim Haneul",
        "KR",
        "06164",
    )
    assert card.token
    assert "Haneul" not in repr(paid)


def test_held_money_is_taken_once_or_let_go(world: World, wish: IntentRequest) -> None:
    first, second = (
        world.provider.create_intent(_wish(wish, capture_at_once=False, idempotency_key=key)) for key in ("h1", "h2")
    )
    for intent in (first, second):
        world.pay(intent)
        held = world.provider.retrieve(intent.id)
        assert (held.state, held.captured) == (IntentState.REQUIRES_CAPTURE, 0)
    for _ in range(2):
        taken = world.provider.capture(first.id, **_taking(first, wish.amount, "c1"))
        assert (taken.state, taken.captured) == (IntentState.SUCCEEDED, wish.amount)
    assert [world.provider.cancel(second.id).state for _ in range(2)] == [IntentState.CANCELLED] * 2
    with pytest.raises(ProviderRefused):
        world.provider.capture(second.id, **_taking(second, wish.amount, "c2"))


def test_a_part_is_taken_and_no_more_than_that_goes_back(world: World, wish: IntentRequest) -> None:
    intent = world.provider.create_intent(_wish(wish, capture_at_once=False))
    world.pay(intent)
    assert world.provider.capture(intent.id, **_taking(intent, 9000, "c")).captured == 9000
    with pytest.raises(ProviderRefused):
        world.provider.refund(intent.id, **_taking(intent, 9001, "r0"))
    world.provider.refund(intent.id, **_taking(intent, 9000, "r1"))
    assert world.provider.retrieve(intent.id).amount_refunded == 9000


def test_one_key_gives_back_once(world: World, wish: IntentRequest) -> None:
    intent = world.provider.create_intent(wish)
    with pytest.raises(ProviderRefused):
        world.provider.refund(intent.id, **_taking(intent, 1, "r0"))
    world.pay(intent)
    made = [world.provider.refund(intent.id, **_taking(intent, 5000, "r1")) for _ in range(3)]
    assert {(r.id, r.amount, r.currency, r.intent_id) for r in made} == {(made[0].id, 5000, "KRW", intent.id)}
    world.provider.refund(intent.id, **_taking(intent, 7000, "r2"))
    assert world.provider.retrieve(intent.id).amount_refunded == wish.amount


def test_an_open_page_is_closed_twice_as_once_and_a_paid_one_never(world: World, wish: IntentRequest) -> None:
    open_page = world.provider.create_intent(wish)
    assert [world.provider.cancel(open_page.id).state for _ in range(2)] == [IntentState.CANCELLED] * 2
    assert world.provider.retrieve(open_page.id).state in (IntentState.CANCELLED, IntentState.EXPIRED)
    paid = world.provider.create_intent(_wish(wish, idempotency_key="paid"))
    world.pay(paid)
    with pytest.raises(ProviderRefused):
        world.provider.cancel(paid.id)
    assert world.provider.retrieve(paid.id).state == IntentState.SUCCEEDED


def test_every_payment_is_on_the_list_over_several_pages(world: World, wish: IntentRequest) -> None:
    made = {world.provider.create_intent(_wish(wish, idempotency_key=f"l{i}")).id for i in range(103)}
    listed = list(world.provider.list_intents(datetime.now(tz=UTC) - timedelta(hours=1)))
    assert {intent.id for intent in listed} == made
    assert len(listed) == 103


def test_an_unknown_payment_is_refused_by_name(world: World) -> None:
    with pytest.raises(ProviderRefused) as refused:
        world.provider.retrieve("cs_none")
    assert refused.value.code == "not_found"


def test_a_signed_message_names_its_payment(world: World, wish: IntentRequest) -> None:
    intent = world.provider.create_intent(wish)
    world.pay(intent)
    event = world.provider.read_webhook(*world.signed(intent))
    assert (event.intent_id, event.amount, event.currency) == (intent.id, wish.amount, "KRW")
    assert event.reference == wish.reference


@pytest.mark.parametrize(
    ("how", "refusal"),
    [({"secret": "guess"}, ForgedWebhook), ({"age": 400}, StaleWebhook), ({"age": -400}, StaleWebhook)],
)
def test_a_forged_or_stale_message_is_refused(
    world: World, wish: IntentRequest, how: dict[str, Any], refusal: type[Exception]
) -> None:
    intent = world.provider.create_intent(wish)
    world.pay(intent)
    body, headers = world.signed(intent, **how)
    with pytest.raises(refusal):
        world.provider.read_webhook(body, headers)
    with pytest.raises(ForgedWebhook):
        world.provider.read_webhook(body + b" ", headers)


def test_a_provider_that_is_away_is_unavailable(world: World, wish: IntentRequest) -> None:
    world.down()
    for call in (lambda: world.provider.create_intent(wish), lambda: world.provider.retrieve("x")):
        with pytest.raises(ProviderUnavailable):
            call()


def test_whose_payment_it_was_is_forgotten_once_it_is_over_and_the_sums_are_not(
    world: World, wish: IntentRequest
) -> None:
    intent = world.provider.create_intent(wish)
    assert world.provider.forget(intent.id) is Forgotten.STILL_NEEDED
    world.pay(intent)
    answers = [world.provider.forget(intent.id) for _ in range(2)]
    # Stripe is a controller of its own for payments and keeps them; the sandbox keeps nothing of the person.
    assert set(answers) <= {Forgotten.FORGOTTEN, Forgotten.NOT_HELD, Forgotten.KEPT_BY_LAW}
    after = world.provider.retrieve(intent.id)
    assert (after.state, after.captured, after.reference) == (IntentState.SUCCEEDED, wish.amount, wish.reference)
    assert world.provider.forget("cs_none") is Forgotten.NOT_HELD


def test_stripe_deletes_the_customer_that_it_made(stub: StripeStub, wish: IntentRequest) -> None:
    from orders.payment.stripe import StripeProvider

    provider = StripeProvider(stub.key, stub.webhook_secret, url=stub.url)
    intent = provider.create_intent(wish)
    stub.pay(intent.id)
    stub.become_customer(intent.id)
    assert [provider.forget(intent.id) for _ in range(2)] == [Forgotten.KEPT_BY_LAW] * 2
    assert stub.customers == set()
    assert [call for call in stub.calls if call.startswith("DELETE")]
    stub.fail_next = 1
    with pytest.raises(ProviderUnavailable):
        provider.forget(intent.id)
