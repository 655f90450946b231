"""Two beats at once, as after a restart that left the old one running: everything is told twice and happens once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from kmall24.celery import app
from orders.domain import cancelling, once
from orders.models import Order, OrderAction, Parcel, ParcelScan, Payment, PaymentInstrument, Refund
from privacy import outbox
from privacy.models import Effect
from privacy.outbox import enqueue
from tests.orders.fake_courier import FakeCourier, scan
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures
from tests.orders.test_payment import _expire
from tests.orders.test_race import _at_once

pytestmark = pytest.mark.usefixtures("open_store")


def twice(*names: str) -> None:
    """Each of these tasks by two at once, and then once more, as two beats tell them."""
    app.loader.import_default_modules()
    for name in names:
        answered = _at_once(*[lambda name=name: app.tasks[name].apply().get()] * 2)
        assert not [one for one in answered if isinstance(one, Exception)], (name, answered)
        app.tasks[name].apply()


def test_an_order_is_given_up_once_and_its_goods_go_back_once(provider: type[FakeProvider]) -> None:
    tea = variant(stock=5)
    order = buy(Client(), tea, quantity=2)
    _expire(order)
    twice("orders.cancel_unpaid", "catalogue.reclaim_expired", "privacy.relay")
    order.refresh_from_db()
    tea.refresh_from_db()
    assert (order.state, tea.stock) == (Order.State.CANCELLED, 5)


def test_a_payment_of_which_nothing_was_heard_is_found_once_and_confirmed_by_one_letter(
    provider: type[FakeProvider],
) -> None:
    order = buy(Client(), variant())
    provider.settle(payment_of(order).intent_id)
    Payment.objects.update(created_at=timezone.now() - dt.timedelta(minutes=5))
    twice("orders.ask_about_payments", "orders.reconcile_payments", "privacy.relay")
    assert payment_of(order).state == Payment.State.PAID
    assert PaymentInstrument.objects.count() == 1
    assert sum(order.number in letter.subject for letter in mail.outbox) == 1


def test_a_parcel_of_which_nothing_was_heard_moves_once(
    provider: type[FakeProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = sent(paid_order(variant()))
    told = [scan(parcel.tracking_number, "handed_over"), scan(parcel.tracking_number, "delivered")]
    monkeypatch.setattr(FakeCourier, "scans", lambda self, number: told)
    mail.outbox.clear()
    twice("orders.ask_about_parcels", "privacy.relay")
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.DELIVERED
    assert ParcelScan.objects.count() == 2
    assert sorted(OrderAction.objects.values_list("kind", flat=True)) == ["delivered", "handed_over", "packed"]
    assert len(mail.outbox) == 2


def test_a_refund_goes_out_once(provider: type[FakeProvider]) -> None:
    order = paid_order(variant())
    cancelling.cancel(order.pk, by=order.subject)
    mail.outbox.clear()
    twice("privacy.relay")
    assert Refund.objects.get().state == Refund.State.DONE
    assert [made.amount for made in provider.books.refunds.values()] == [order.total]
    assert sum("cancelled" in letter.subject for letter in mail.outbox) == 1


def test_the_rows_of_one_outbox_are_shared_and_none_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(outbox, "_handlers", {**outbox._handlers, "test.note": lambda number: done.append(number)})
    for number in range(40):
        enqueue("test.note", key=f"note:{number}", number=number)
    twice("privacy.relay")
    assert sorted(done) == list(range(40))
    assert not Effect.objects.filter(kind="test.note", done_at=None).exists()


def test_what_is_forgotten_after_a_day_is_forgotten_by_two(provider: type[FakeProvider]) -> None:
    wish = once.once("api.checkout", "guest 1", "a", {})
    once.remember_refusal(wish, 409, {"title": "no"})
    twice("orders.forget_old_answers", "orders.forget_old_baskets", "orders.forget_who_used_coupons")
    assert once.recall(wish) is not None, "a day has not passed"
