"""What the store may ask of the sandbox, through the adapter and, where the adapter would not, past it."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

from orders.payment.provider import ProviderRefused, ProviderUnavailable
from orders.payment.sandbox import SandboxProvider
from tests.support.payment_sandbox import PaymentSandbox


def refusal_of(call, *arguments, **options) -> ProviderRefused:
    with pytest.raises(ProviderRefused) as refused:
        call(*arguments, **options)
    return refused.value


def test_the_same_key_and_request_answer_with_the_same_intent(payment_sandbox, wish):
    provider = payment_sandbox.provider()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(provider.create_intent, [wish] * 8))
    assert len({intent.id for intent in made}) == 1
    assert [line["event"] for line in payment_sandbox.ledger()] == ["intent.created"]


def test_the_same_key_with_another_request_is_refused(payment_sandbox, wish):
    provider = payment_sandbox.provider()
    provider.create_intent(wish)
    other = dataclasses.replace(wish, amount=Decimal("12001"))
    assert refusal_of(provider.create_intent, other).code == "key_reused"


def test_cents_arrive_as_cents(payment_sandbox, new_intent):
    intent = new_intent(amount=Decimal("12.34"), currency="USD")
    assert intent.amount == Decimal("12.34")
    assert payment_sandbox.ledger()[0]["amount"] == 1234
    assert "$12.34" in requests.get(intent.pay_url, timeout=10).text


def test_refunds_stop_at_what_was_captured(payment_sandbox, listening_shop, new_intent, type_card):
    provider, intent = payment_sandbox.provider(), new_intent()
    give = {"currency": "KRW"}
    assert (
        refusal_of(provider.refund, intent.id, amount=Decimal(1), idempotency_key="r0", **give).code == "not_refundable"
    )
    type_card(intent)
    first = provider.refund(intent.id, amount=Decimal(5000), idempotency_key="r1", **give)
    assert provider.refund(intent.id, amount=Decimal(5000), idempotency_key="r1", **give) == first
    heard = listening_shop.next_webhook("payment.refunded").event
    assert (heard["amount"], heard["refund"]) == (5000, first.id)
    too_much = refusal_of(provider.refund, intent.id, amount=Decimal(7001), idempotency_key="r2", **give)
    assert too_much.code == "refund_too_large"
    wrong = refusal_of(provider.refund, intent.id, amount=Decimal(1), currency="USD", idempotency_key="r3")
    assert wrong.code == "wrong_currency"
    provider.refund(intent.id, amount=Decimal(7000), idempotency_key="r2", **give)
    assert provider.retrieve(intent.id).amount_refunded == 12000


def test_cancelling_twice_is_cancelling_once_and_money_cannot_be_cancelled(
    payment_sandbox, listening_shop, new_intent, type_card
):
    provider, open_intent, paid = payment_sandbox.provider(), new_intent(), new_intent()
    assert [provider.cancel(open_intent.id).state for _time in range(2)] == ["cancelled", "cancelled"]
    assert listening_shop.next_webhook().event["kind"] == "payment.cancelled"
    type_card(open_intent)
    assert provider.retrieve(open_intent.id).state == "cancelled"
    type_card(paid)
    assert refusal_of(provider.cancel, paid.id).code == "not_cancellable"


def test_an_unpaid_intent_expires(tmp_path, listening_shop, wish, type_card):
    sandbox = PaymentSandbox(tmp_path, "--expire-seconds", "0").start()
    try:
        intent = sandbox.provider().create_intent(wish)
        assert type_card(intent).headers["Location"] == f"/pay/{intent.id}"
        assert listening_shop.next_webhook().event["kind"] == "payment.expired"
        assert sandbox.provider().retrieve(intent.id).state == "expired"
        assert "has expired" in requests.get(intent.pay_url, timeout=10).text
    finally:
        sandbox.stop()


@pytest.mark.parametrize(
    "change",
    [
        {"return_url": "javascript:alert(1)"},
        {"return_url": "//elsewhere.example/"},
        {"cancel_url": "https://user@shop.example/"},
        {"cancel_url": "https://shop.example/\r\nX: y"},
        {"webhook_url": "http://shop.example;script-src/"},
        {"reference": ""},
        {"reference": "a\x00b"},
        {"amount": Decimal(0)},
    ],
)
def test_a_request_that_cannot_be_right_is_refused(new_intent, change):
    assert refusal_of(new_intent, **change).code == "invalid"


def test_a_wrong_key_gets_nothing(payment_sandbox, wish):
    stranger = SandboxProvider(payment_sandbox.url, "guess", payment_sandbox.webhook_secret)
    assert refusal_of(stranger.create_intent, wish).code == "unauthorised"
    assert payment_sandbox.ledger() == []


@pytest.mark.parametrize("intent_id", ["pi_none", "../healthz", "ü", "a" * 500])
def test_an_unknown_intent_is_refused(payment_sandbox, intent_id):
    assert refusal_of(payment_sandbox.provider().retrieve, intent_id).code == "not_found"


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b"[" * 9000, b'{"amount": true}', b'{"reference": "\\ud800"}', b"\xff"]
)
def test_a_broken_body_is_no_crash(payment_sandbox, body):
    headers = {"Authorization": f"Bearer {payment_sandbox.key}", "Idempotency-Key": "k"}
    answer = requests.post(f"{payment_sandbox.url}/v1/intents", data=body, headers=headers, timeout=10)
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


def test_methods_and_health(payment_sandbox):
    assert requests.get(f"{payment_sandbox.url}/healthz", timeout=10).json() == {"status": "ok"}
    wrong = requests.delete(f"{payment_sandbox.url}/v1/intents", timeout=10)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST")


def test_a_provider_that_is_down_is_unavailable(payment_sandbox, wish):
    provider = payment_sandbox.provider()
    payment_sandbox.stop()
    with pytest.raises(ProviderUnavailable, match="does not answer"):
        provider.create_intent(wish)
