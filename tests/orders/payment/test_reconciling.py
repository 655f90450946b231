"""The two sets of books beside each other: what one knows and the other does not is mended, or staff are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from orders.domain import oddities, reconciling, refunding
from orders.domain import payment as payments
from orders.domain.payment import Outcome, finalise, reconsider
from orders.models import OddPayment, Order, Payment, PaymentEvent
from orders.payment.provider import IntentState
from privacy.models import Effect, Subject
from privacy.outbox import deliver_due
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.orders.test_payment import _tell

pytestmark = pytest.mark.usefixtures("store")


def _reconcile() -> reconciling.Figures:
    return reconciling.reconcile(timezone.now() - timedelta(days=1))


def _odd() -> list[str]:
    return list(OddPayment.objects.values_list("kind", flat=True))


def _paid(client: Client, provider: type[FakeProvider]) -> Order:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    return order


def _stranger(provider: type[FakeProvider], **changes: object) -> None:
    (first,) = provider.books.intents.values()
    intent = replace(first, id="pi_stranger", key="", reference="INVOICE-7")
    provider.books.intents["pi_stranger"] = replace(intent, **changes)


def test_books_that_agree_need_nobody(client: Client, provider: type[FakeProvider]) -> None:
    _paid(client, provider)
    assert _reconcile() == reconciling.Figures(looked_at=1)
    assert _odd() == []


def test_a_charge_of_which_no_message_came_is_brought_in(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    assert _reconcile().mended == 1
    assert payment_of(order).state == Payment.State.PAID


def test_a_charge_that_no_order_asked_for_is_shown_once(client: Client, provider: type[FakeProvider]) -> None:
    _paid(client, provider)
    _stranger(provider, state=IntentState.SUCCEEDED)
    for times in (1, 2):
        assert _reconcile().odd == 1
        assert OddPayment.objects.get().times == times
    assert _odd() == [OddPayment.Kind.UNKNOWN_CHARGE]
    odd = OddPayment.objects.get()
    assert oddities.settle(odd.pk, by=Subject.objects.create())
    assert not oddities.settle(odd.pk, by=Subject.objects.create())
    _reconcile()
    odd.refresh_from_db()
    assert odd.settled_at, "what staff settled stays settled"


def test_an_open_page_of_somebody_else_is_left_alone(client: Client, provider: type[FakeProvider]) -> None:
    _paid(client, provider)
    _stranger(provider, state=IntentState.REQUIRES_PAYMENT)
    assert _reconcile().closed == 0
    assert provider.books.intents["pi_stranger"].state == IntentState.REQUIRES_PAYMENT


def test_a_payment_that_only_the_store_knows_is_shown(client: Client, provider: type[FakeProvider]) -> None:
    order = _paid(client, provider)
    Payment.objects.update(settled_at=timezone.now() - timedelta(hours=1))
    del provider.books.intents[payment_of(order).intent_id]
    assert _reconcile().odd == 1
    assert _odd() == [OddPayment.Kind.MISSING_CHARGE]


def test_a_charge_that_shrank_at_the_provider_is_shown(client: Client, provider: type[FakeProvider]) -> None:
    order = _paid(client, provider)
    provider.settle(payment_of(order).intent_id, amount_captured=order.total - 1)
    assert _reconcile().odd == 1
    assert _odd() == [OddPayment.Kind.MISSING_CHARGE]


@pytest.mark.parametrize(
    ("there", "kind"), [("5.00", OddPayment.Kind.UNKNOWN_REFUND), ("0.00", OddPayment.Kind.MISSING_REFUND)]
)
def test_a_refund_that_only_one_knows_is_shown(
    client: Client, provider: type[FakeProvider], there: str, kind: str
) -> None:
    order = _paid(client, provider)
    refunding.propose(payment_of(order).pk, Decimal("2.00"), reason="goodwill", by=Subject.objects.create())
    deliver_due()
    assert _reconcile().odd == 0
    provider.settle(payment_of(order).intent_id, amount_refunded=Decimal(there))
    assert _reconcile().odd == 1
    assert _odd() == [kind]


def test_a_message_about_a_refund_made_elsewhere_is_noticed(client: Client, provider: type[FakeProvider]) -> None:
    order = _paid(client, provider)
    provider.settle(payment_of(order).intent_id, amount_refunded=Decimal("3.00"))
    assert _tell(client, order, "evt_r", topic="refund") == 200
    assert _odd() == [OddPayment.Kind.UNKNOWN_REFUND]


def test_a_refund_of_our_own_that_is_on_its_way_is_not_odd(client: Client, provider: type[FakeProvider]) -> None:
    order = _paid(client, provider)
    refunding.propose(payment_of(order).pk, Decimal("2.00"), reason="goodwill", by=Subject.objects.create())
    provider.settle(payment_of(order).intent_id, amount_refunded=Decimal("2.00"))
    assert _tell(client, order, "evt_r", topic="refund") == 200
    assert _odd() == []


def test_a_dispute_is_shown(client: Client, provider: type[FakeProvider]) -> None:
    order = _paid(client, provider)
    assert _tell(client, order, "evt_d", topic="dispute") == 200
    assert _odd() == [OddPayment.Kind.DISPUTED]


@pytest.mark.parametrize(
    "bent", [{"amount": "1.00"}, {"currency": "CHF"}, {"reference": "K24-OTHER"}], ids=["amount", "money", "order"]
)
def test_a_signed_message_that_lies_moves_nothing_and_is_shown(
    client: Client, provider: type[FakeProvider], bent: dict[str, str]
) -> None:
    order = buy(client, variant())
    assert _tell(client, order, **bent) == 200
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    assert _odd() == [OddPayment.Kind.EVENT_DISAGREES]
    provider.settle(payment_of(order).intent_id)
    assert _tell(client, order, "evt_2", **bent) == 200
    assert Order.objects.get().state == Order.State.PAID, "the provider itself says so"


def test_a_message_about_another_account_moves_nothing(
    client: Client, provider: type[FakeProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProvider, "account", "acct_ours")
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    assert _tell(client, order, account="acct_other") == 200
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    assert _odd() == [OddPayment.Kind.OTHER_ACCOUNT]
    assert _tell(client, order, account="acct_ours") == 200
    assert Order.objects.get().state == Order.State.PAID


def test_a_payment_whose_number_was_lost_is_known_by_its_key(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle("pi_1")
    Payment.objects.update(intent_id="", pay_url="")
    assert _tell(client, order, intent="pi_1") == 200
    assert payment_of(order).intent_id == "pi_1"
    assert Order.objects.get().state == Order.State.PAID


def test_a_stranger_under_a_key_of_ours_is_not_taken_for_our_payment(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    _stranger(provider, state=IntentState.SUCCEEDED, key=str(payment_of(order).key))
    assert _tell(client, order, intent="pi_stranger") == 200
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    assert _odd() == [OddPayment.Kind.UNKNOWN_PAYMENT]


def test_a_lost_page_of_our_own_is_brought_in_and_nobody_pays_on_it(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    Payment.objects.update(intent_id="", pay_url="")
    assert _reconcile().mended == 1
    assert payment_of(order).pay_url


def test_a_second_payment_goes_back_by_itself_and_the_buyer_is_told(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    first = payment_of(order)
    provider.settle(first.intent_id, IntentState.FAILED)
    finalise(first.pk)
    client.post(f"/checkout/pay/{order.number}/")
    second = order.payments.get(state=Payment.State.OPEN)
    # The bank changes its mind about the first, and the buyer pays a second time.
    provider.settle(first.intent_id)
    provider.settle(second.intent_id)
    assert finalise(second.pk) == Outcome.PAID
    assert finalise(first.pk) == Outcome.RETURNED
    deliver_due()
    assert provider.books.intents[first.intent_id].amount_refunded == order.total
    assert provider.books.intents[second.intent_id].amount_refunded == 0
    assert Effect.objects.filter(kind="orders.returned_mail", done_at__isnull=False).count() == 1


def test_before_a_second_page_is_opened_the_provider_is_asked_about_the_first(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    provider.settle("pi_1", IntentState.FAILED)
    finalise(payment_of(order).pk)
    provider.settle("pi_1")
    with pytest.raises(payments.NotPayable):
        payments.start_payment(order)
    assert Order.objects.get().state == Order.State.PAID


def test_a_page_that_is_still_open_is_closed_when_the_order_is_paid_otherwise(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    first = payment_of(order)
    provider.settle(first.intent_id, IntentState.FAILED)
    finalise(first.pk)
    client.post(f"/checkout/pay/{order.number}/")
    second = order.payments.get(state=Payment.State.OPEN)
    provider.settle(first.intent_id)
    assert finalise(first.pk) == Outcome.PAID
    deliver_due()
    second.refresh_from_db()
    assert second.state == Payment.State.CANCELLED
    assert provider.books.intents[second.intent_id].state == IntentState.CANCELLED


def test_what_staff_mended_at_the_provider_is_believed_when_they_ask_again(
    client: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    provider.settle("pi_1", reference="K24-OTHER")
    assert finalise(payment_of(order).pk) == Outcome.PARKED
    assert reconsider(payment_of(order).pk) == Outcome.PARKED
    provider.settle("pi_1", reference=order.number)
    assert reconsider(payment_of(order).pk) == Outcome.PAID


def test_the_store_asks_by_itself_with_growing_pauses(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    assert payments.catch_up() == 0, "it is too early to ask"
    pauses = []
    for _ in range(3):
        Payment.objects.update(ask_at=timezone.now())
        assert payments.catch_up() == 0
        pauses.append(payment_of(order).ask_at - timezone.now())
    assert pauses[0] < pauses[1] < pauses[2]
    provider.settle("pi_1")
    Payment.objects.update(ask_at=timezone.now())
    assert payments.catch_up() == 1
    assert not PaymentEvent.objects.exists(), "no message was needed"
    assert Order.objects.get().state == Order.State.PAID
