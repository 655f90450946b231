"""A webhook is believed for its signature and its age alone, and is delivered whatever dies on the way."""

import hashlib
import hmac
import json
import time

import pytest

from orders.payment.provider import ForgedWebhook, StaleWebhook
from orders.payment.sandbox import SandboxProvider

SECRET = "shared"
BODY = json.dumps({"id": "evt_1", "kind": "payment.succeeded", "intent": "pi_1", "created": 1_700_000_000}).encode()


@pytest.fixture
def provider() -> SandboxProvider:
    return SandboxProvider("http://127.0.0.1:1", "key", SECRET)


def header(body: bytes = BODY, *, secret: str = SECRET, age: int = 0) -> str:
    """Made without the project's own code, so that a mistake there cannot hide here."""
    moment = str(int(time.time()) - age)
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def test_a_signed_message_is_read_whatever_the_case_of_its_header(provider):
    event = provider.read_webhook(BODY, {"kmall24-SIGNATURE": header()})
    assert (event.id, event.kind, event.intent_id) == ("evt_1", "payment.succeeded", "pi_1")
    assert event.created_at.timestamp() == 1_700_000_000


def test_an_older_secret_beside_the_new_one_is_accepted(provider):
    moment, digest = header().split(",")
    assert provider.read_webhook(BODY, {"Kmall24-Signature": f"{moment},v1=00,{digest}"})


FORGERIES = {
    "nothing": lambda: "",
    "no digest": lambda: "t=1",
    "no time": lambda: "v1=00",
    "no number": lambda: "t=x,v1=00",
    "foreign digit": lambda: "t=٣,v1=00",
    "two times": lambda: f"{header()},t=5",
    "other secret": lambda: header(secret="guess"),
    "other body": lambda: header(BODY + b" "),
    "other time": lambda: header().replace("t=1", "t=2", 1),
    "other scheme": lambda: header().replace("v1=", "v0="),
    "empty digest": lambda: f"t={int(time.time())},v1=",
    "no ASCII": lambda: f"t={int(time.time())},v1=é",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_message_is_refused(provider, forgery):
    with pytest.raises(ForgedWebhook):
        provider.read_webhook(BODY, {"Kmall24-Signature": FORGERIES[forgery]()})


def test_an_unsigned_message_is_refused(provider):
    with pytest.raises(ForgedWebhook):
        provider.read_webhook(BODY, {})


@pytest.mark.parametrize("age", [302, -302])
def test_a_message_from_another_time_is_stale(provider, age):
    with pytest.raises(StaleWebhook):
        provider.read_webhook(BODY, {"Kmall24-Signature": header(age=age)})


def test_within_five_minutes_it_is_not(provider):
    assert provider.read_webhook(BODY, {"Kmall24-Signature": header(age=295)})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 5000, b'{"id": 1, "kind": 2, "intent": 3, "created": 4}'])
def test_signed_nonsense_is_refused(provider, body):
    with pytest.raises(ForgedWebhook):
        provider.read_webhook(body, {"Kmall24-Signature": header(body)})


def test_a_shop_that_refuses_is_told_again_with_the_same_event(payment_sandbox, listening_shop, new_intent, type_card):
    listening_shop.status = 503
    type_card(new_intent())
    first, second = listening_shop.next_webhook(), listening_shop.next_webhook()
    assert first.event == second.event
    listening_shop.status = 204
    assert listening_shop.next_webhook().event["id"] == first.event["id"]


def test_a_killed_sandbox_remembers_everything_and_delivers_what_was_not(
    payment_sandbox, listening_shop, new_intent, type_card
):
    listening_shop.status = 500
    intent = new_intent()
    type_card(intent)
    undelivered = listening_shop.next_webhook().event
    payment_sandbox.kill()
    before = payment_sandbox.ledger()
    while not listening_shop.heard.empty():
        listening_shop.heard.get()

    listening_shop.status = 204
    payment_sandbox.start()
    assert listening_shop.next_webhook().event == undelivered
    assert payment_sandbox.provider().retrieve(intent.id).state == "succeeded"
    assert payment_sandbox.ledger() == before


def test_a_ledger_line_torn_by_a_crash_is_written_again(payment_sandbox, listening_shop, new_intent, type_card):
    type_card(new_intent())
    payment_sandbox.kill()
    whole = payment_sandbox.ledger()
    path = payment_sandbox.state / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    payment_sandbox.start()
    assert payment_sandbox.ledger() == whole
