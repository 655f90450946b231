"""Many at once, each on a connection of its own: the last piece is sold once, a double click buys once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from catalogue.domain import stock
from catalogue.models import Variant
from orders.domain.giving_up import cancel_unpaid
from orders.domain.payment import finalise
from orders.models import Order, Payment, PaymentInstrument
from privacy.models import Collection, Effect
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import answers, buy, fill_basket, payment_of, variant
from tests.orders.test_payment import _expire
from tests.support import observing

pytestmark = pytest.mark.usefixtures("open_store")


def _at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run all of them from one starting line; what they answered, in their order."""
    gate, answered = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(index: int, deed: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            answered[index] = deed()
        except Exception as error:
            answered[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, deed)) for i, deed in enumerate(deeds)]
    with observing.nothing():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    return answered


def _buyers(number: int, *goods: Variant) -> list[Callable[[], int]]:
    deeds = []
    for _ in range(number):
        client = Client()
        fill_basket(client, *goods)
        sent = answers(client)
        deeds.append(lambda client=client, sent=sent: client.post("/checkout/", sent).status_code)
    return deeds


def test_eight_buyers_of_the_last_piece_sell_it_once() -> None:
    tea = variant(stock=1)
    answered = _at_once(*_buyers(8, tea))
    assert sorted(answered) == [303] + [409] * 7
    tea.refresh_from_db()
    assert (tea.stock, Order.objects.count(), Payment.objects.count()) == (0, 1, 1)
    assert Collection.objects.count() == 1, "nothing is kept of those who came too late"


def test_with_the_guard_off_the_same_race_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race above is one: with a look and a write in place of the conditional update it sells the piece to several."""

    def unguarded(quantities: dict[int, int], **_how: object) -> dict[int, int]:
        left = dict(Variant.objects.filter(pk__in=quantities).values_list("pk", "stock"))
        short = {pk: left[pk] for pk, quantity in quantities.items() if left[pk] < quantity}
        met.wait(timeout=20)
        for pk in quantities:
            Variant.objects.filter(pk=pk).update(stock=0)
        return short

    met = threading.Barrier(4)
    monkeypatch.setattr(stock, "hold", unguarded)
    answered = _at_once(*_buyers(4, variant(stock=1)))
    assert answered.count(303) > 1


def test_buyers_of_the_same_goods_in_opposite_order_do_not_wait_for_each_other_in_a_circle() -> None:
    tea, cup = variant("TEA", stock=50), variant("CUP", stock=50)
    answered = _at_once(*_buyers(4, tea, cup), *_buyers(4, cup, tea))
    assert answered == [303] * 8
    assert set(Variant.objects.values_list("stock", flat=True)) == {42}


def test_a_double_click_is_one_order(client: Client) -> None:
    tea = variant(stock=5)
    fill_basket(client, tea)
    sent = answers(client)
    twin = Client()
    twin.cookies = client.cookies.copy()
    first, second = _at_once(lambda: client.post("/checkout/", sent), lambda: twin.post("/checkout/", sent))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == Collection.objects.count() == 1
    tea.refresh_from_db()
    assert tea.stock == 4
    for clicked in (client, twin):
        assert clicked.get(first.headers["Location"]).status_code == 200


def test_webhook_and_return_at_once_finish_an_order_once(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    payment = payment_of(order)
    provider.settle(payment.intent_id)
    answered = _at_once(*[lambda: finalise(payment.pk)] * 6)
    assert sorted(answered) == ["paid"] + ["unchanged"] * 5
    assert PaymentInstrument.objects.count() == 1
    assert Effect.objects.filter(kind="orders.confirmation_mail").count() == 1


def test_giving_back_and_finishing_at_once_never_do_both(client: Client, provider: type[FakeProvider]) -> None:
    tea = variant(stock=5)
    order = buy(client, tea)
    payment = payment_of(order)
    _expire(order)
    provider.settle(payment.intent_id)
    _at_once(*[lambda: finalise(payment.pk), lambda: cancel_unpaid(order.pk)] * 3)
    order.refresh_from_db()
    tea.refresh_from_db()
    assert (order.state, tea.stock) == (Order.State.PAID, 4)


def test_an_order_is_given_back_once_however_many_sweep(client: Client) -> None:
    tea = variant(stock=5)
    order = buy(client, tea, quantity=3)
    _expire(order)
    answered = _at_once(*[lambda: cancel_unpaid(order.pk)] * 5)
    assert sorted(answered) == [False] * 4 + [True]
    tea.refresh_from_db()
    assert tea.stock == 5
