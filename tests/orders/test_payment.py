"""Being paid: the provider's word is asked for, compared, and acted upon once, whoever brings the news."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone, translation

from catalogue.models import Variant
from orders.domain import payment as payments
from orders.domain.giving_up import cancel_overdue, cancel_unpaid
from orders.domain.payment import Outcome, finalise
from orders.models import OddPayment, Order, Payment, PaymentEvent, PaymentInstrument, Refund
from orders.payment.provider import IntentState, PaymentError
from privacy.models import Collection, Disclosure, Effect
from privacy.outbox import deliver_due
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant

pytestmark = pytest.mark.usefixtures("store")


def _tell(client: Client, order: Order, event: str = "evt_1", signature: str = "good", **bent: object) -> int:
    body = {"id": event, "kind": "payment.succeeded", "intent": payment_of(order).intent_id} | bent
    return client.post(
        "/payments/webhook/", json.dumps(body), content_type="application/json", headers={"X-Signature": signature}
    ).status_code


def _expire(order: Order) -> None:
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(placed_at=now - timedelta(hours=2), expires_at=now - timedelta(hours=1))


def test_the_webhook_finishes_an_order_and_its_replay_changes_nothing(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    assert [_tell(client, order), _tell(client, order), _tell(client, order, "evt_2")] == [200, 200, 200]
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert order.paid_at is not None
    assert list(PaymentEvent.objects.values_list("event_id", "outcome")) == [("evt_1", "paid"), ("evt_2", "unchanged")]
    assert Effect.objects.filter(kind="orders.confirmation_mail").count() == 1
    assert provider.books.asked == 1


def test_the_card_is_kept_as_a_summary_that_came_through_the_gate(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    assert finalise(payment_of(order).pk) == Outcome.PAID
    kept = PaymentInstrument.objects.get()
    assert (kept.brand, kept.last4, kept.expiry, kept.cardholder) == ("visa", "4242", "07/2031", "MINA KIM")
    assert (kept.billing_country, kept.billing_postal_code) == ("US", "94043")
    collection = Collection.objects.get(surface="provider.payment")
    assert (collection.subject_id, collection.channel, collection.source) == (
        order.subject_id,
        "provider",
        "FakeProvider",
    )


def test_webhook_and_return_finish_an_order_once(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    returned = client.get(f"/checkout/return/{order.number}/")
    assert "confirmation" in returned.content.decode()
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT, "a GET must not write"
    confirmed = client.post(f"/checkout/return/{order.number}/confirm/")
    assert confirmed.headers["Location"] == f"/checkout/thank-you/{order.number}/"
    assert _tell(client, order) == 200
    assert PaymentInstrument.objects.count() == 1
    assert Effect.objects.filter(kind="orders.confirmation_mail").count() == 1
    assert "Thank you" in client.get(f"/checkout/thank-you/{order.number}/").content.decode()
    assert client.get(f"/checkout/return/{order.number}/").status_code == 302
    assert client.get(f"/checkout/pay/{order.number}/").status_code == 302


def test_htmx_is_sent_on_when_the_order_is_paid_and_asks_again_when_not(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    path = f"/checkout/return/{order.number}/confirm/"
    waiting = client.post(path, headers={"HX-Request": "true"})
    assert 'hx-trigger="load delay:2s"' in waiting.content.decode()
    provider.books.down = True
    assert client.post(path, headers={"HX-Request": "true"}).status_code == 200
    provider.books.down = False
    provider.settle(payment_of(order).intent_id)
    done = client.post(path, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/checkout/thank-you/{order.number}/"


@pytest.mark.parametrize("signature", ["", "bad"])
def test_a_forged_webhook_is_refused_and_leaves_no_trace(
    client: Client, provider: type[FakeProvider], signature: str
) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    assert _tell(client, order, signature=signature) == 400
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    assert not PaymentEvent.objects.exists()


def test_a_signed_webhook_that_lies_is_not_believed(client: Client) -> None:
    order = buy(client, variant())
    assert _tell(client, order) == 200
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    assert not PaymentInstrument.objects.exists()


def test_a_webhook_about_an_unknown_payment_is_put_where_staff_see_it(client: Client) -> None:
    order = buy(client, variant())
    assert [_tell(client, order, intent="pi_of_somebody_else") for _ in range(3)] == [200] * 3
    assert _tell(client, order, intent="") == 200
    assert sorted(OddPayment.objects.values_list("kind", "key", "times")) == [
        ("unknown_payment", "evt_1", 1),
        ("unknown_payment", "pi_of_somebody_else", 3),
    ]
    assert not PaymentEvent.objects.exists()


def test_a_webhook_that_could_not_be_checked_is_asked_for_again(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    provider.books.down = True
    assert _tell(client, order) == 503
    provider.books.down = False
    assert _tell(client, order) == 200
    assert Order.objects.get().state == Order.State.PAID


def test_the_webhook_takes_only_post(client: Client) -> None:
    assert client.get("/payments/webhook/").status_code == 405


@pytest.mark.parametrize(
    "bent",
    [{"amount": Decimal("1.00")}, {"currency": "KRW"}, {"reference": "K24-OTHER"}],
    ids=["amount", "money", "order"],
)
def test_a_payment_that_does_not_agree_with_its_order_is_put_aside(
    client: Client, provider: type[FakeProvider], bent: dict[str, object]
) -> None:
    order = buy(client, variant(stock=5))
    provider.settle(payment_of(order).intent_id, **bent)
    assert finalise(payment_of(order).pk) == Outcome.PARKED
    order.refresh_from_db()
    assert order.state == Order.State.PENDING_PAYMENT
    assert payment_of(order).parked_because
    assert not PaymentInstrument.objects.exists()
    assert finalise(payment_of(order).pk) == Outcome.UNCHANGED
    _expire(order)
    assert cancel_overdue() == 0, "money may stand behind it, so staff decide"
    assert Variant.objects.get().stock == 4
    page = client.get(f"/checkout/pay/{order.number}/").content.decode()
    assert "do not pay again" in page
    assert "Try the payment again" not in page


def test_a_declined_card_keeps_the_order_payable(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    payment = payment_of(order)
    assert finalise(payment.pk) == Outcome.WAITING
    assert "https://pay.example/pi_1" in client.get(f"/checkout/pay/{order.number}/").content.decode()
    provider.settle(payment.intent_id, IntentState.FAILED)
    assert finalise(payment.pk) == Outcome.CLOSED
    back = f"/checkout/return/{order.number}/"
    assert "was refused" not in client.get(back).content.decode(), "bad news waits until the provider was asked"
    assert "was refused" in client.post(f"{back}confirm/", follow=True).content.decode()
    page = client.get(f"/checkout/pay/{order.number}/").content.decode()
    assert "Try the payment again" in page
    assert client.post(f"/checkout/pay/{order.number}/").status_code == 303
    second = order.payments.get(state=Payment.State.OPEN)
    provider.settle(second.intent_id)
    assert finalise(second.pk) == Outcome.PAID


def test_an_order_that_nobody_paid_gives_its_goods_back_once(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant(stock=5), quantity=2)
    assert not cancel_unpaid(order.pk), "its time is not over"
    _expire(order)
    assert cancel_overdue() == 1
    assert cancel_overdue() == 0
    assert not cancel_unpaid(order.pk)
    assert Variant.objects.get().stock == 5
    assert provider.books.intents["pi_1"].state == IntentState.CANCELLED
    assert "not paid in time" in client.get(f"/checkout/pay/{order.number}/").content.decode()
    client.post(f"/checkout/pay/{order.number}/")
    assert len(provider.books.requests) == 1


def test_an_order_that_was_paid_at_the_last_moment_is_finished_and_not_cancelled(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant(stock=5))
    _expire(order)
    provider.settle(payment_of(order).intent_id)
    assert not cancel_unpaid(order.pk)
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert Variant.objects.get().stock == 4


def test_an_order_whose_payment_is_still_being_settled_keeps_its_goods(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant(stock=5))
    _expire(order)
    provider.settle(payment_of(order).intent_id, IntentState.PROCESSING)
    assert not cancel_unpaid(order.pk)
    assert Variant.objects.get().stock == 4


def test_nothing_is_given_back_while_the_provider_does_not_answer(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant(stock=5))
    _expire(order)
    provider.books.down = True
    with pytest.raises(PaymentError):
        cancel_unpaid(order.pk)
    assert cancel_overdue() == 0
    assert Variant.objects.get().stock == 4
    provider.books.down = False
    assert cancel_overdue() == 1


def test_an_order_without_a_page_at_the_provider_is_given_back_without_asking(
    client: Client, provider: type[FakeProvider]
) -> None:
    provider.books.down = True
    order = buy(client, variant(stock=5))
    _expire(order)
    assert cancel_unpaid(order.pk)
    assert Variant.objects.get().stock == 5


def test_money_that_comes_for_a_cancelled_order_goes_back_by_itself(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    _expire(order)
    assert cancel_unpaid(order.pk)
    provider.settle("pi_1")
    returning = client.get(f"/checkout/return/{order.number}/").content.decode()
    assert "not paid in time" not in returning, "bad news waits until the provider was asked"
    asked = client.post(f"/checkout/return/{order.number}/confirm/")
    assert "on its way back" in client.get(asked.headers["Location"]).content.decode()
    assert payment_of(order).state == Payment.State.RETURNED
    assert Order.objects.get().state == Order.State.CANCELLED
    deliver_due()
    assert provider.books.intents["pi_1"].amount_refunded == order.total
    assert Refund.objects.get().state == Refund.State.DONE
    (message,) = mail.outbox
    assert "on its way back" in message.subject
    assert "no longer held" in message.body


def test_an_order_given_up_while_the_provider_was_thinking_leaves_no_open_page_there(
    client: Client, provider: type[FakeProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.books.down = True
    order = buy(client, variant())
    provider.books.down = False
    create = FakeProvider.create_intent

    def slowly(self: FakeProvider, request: object) -> object:
        _expire(order)
        assert cancel_unpaid(order.pk)
        return create(self, request)

    monkeypatch.setattr(FakeProvider, "create_intent", slowly)
    with pytest.raises(payments.NotPayable):
        payments.start_payment(order)
    assert provider.books.intents["pi_1"].state == IntentState.CANCELLED


@pytest.mark.parametrize(("language", "words"), [("en", "Thank you for your order"), ("ko", "주문")])
def test_the_confirmation_goes_out_once_in_the_language_of_the_order(
    client: Client, provider: type[FakeProvider], language: str, words: str
) -> None:
    order = buy(client, variant())
    Order.objects.filter(pk=order.pk).update(language=language)
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    with translation.override("en"):
        deliver_due()
        deliver_due()
    (message,) = mail.outbox
    assert message.to == ["mina@example.com"]
    assert order.number in message.subject
    assert order.number in message.body
    assert ("$24.40" if language == "en" else "24.40") in message.body
    if language == "en":
        assert words in message.body
    trace = Disclosure.objects.get()
    assert (trace.handed_to, trace.fields) == ("mailer", ["orders_ordercontact.email"])


def test_what_the_provider_said_can_only_be_added(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    _tell(client, order)
    with pytest.raises(DatabaseError), transaction.atomic():
        PaymentEvent.objects.update(outcome="paid")
    with pytest.raises(DatabaseError), transaction.atomic():
        PaymentEvent.objects.all().delete()


@pytest.mark.parametrize("column", ["total", "goods_total", "shipping_total"])
def test_an_order_that_does_not_add_up_cannot_be_stored(client: Client, column: str) -> None:
    buy(client, variant())
    with pytest.raises(DatabaseError, match="order_adds_up"), transaction.atomic():
        Order.objects.update(**{column: Decimal("99.99")})
