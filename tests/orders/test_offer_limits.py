"""The limits of offers: exactly so many uses however many want one, in all and for each person, and what counting costs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalogue.models import Category, Product
from orders.domain import offers
from orders.models import Offer, OfferTally, OfferUse, Order
from tests.orders.shop import answers, buy, fill_basket, variant
from tests.orders.test_coupons import coupon
from tests.orders.test_offers import offer
from tests.orders.test_race import _at_once

CROWD = 64


def crowd(number: int = CROWD, **typed: Any) -> list[Any]:
    """So many at the checkout with something of their own, as one of them saw it, each on a form of their own."""
    deeds, seen = [], {}
    for n in range(number):
        client = Client()
        fill_basket(client, variant(f"SKU-{n}"))
        seen = seen or answers(client)
        sent = seen | {"form_token": str(uuid.uuid4()), "email": f"p{n}@example.com"} | typed
        deeds.append(lambda client=client, sent=sent: client.post("/checkout/", sent).status_code)
    return deeds


@pytest.mark.usefixtures("open_store")
class TestLimits:
    def test_64_at_once_use_exactly_what_there_is(self) -> None:
        offer(most=7)
        told = _at_once(*crowd())
        assert sorted(told) == [303] * 7 + [409] * (CROWD - 7)
        assert Offer.objects.get().used == OfferUse.objects.count() == Order.objects.count() == 7

    def test_with_the_guard_off_the_same_crowd_goes_over_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        offer(most=7)
        monkeypatch.setattr(offers, "redeem", _look_then_write)
        told = _at_once(*crowd())
        assert told.count(303) > 7

    def test_one_person_64_times_at_once_uses_it_as_often_as_allowed(self) -> None:
        offer(most_each=3)
        told = _at_once(*crowd(email="mina@example.com"))
        assert told.count(303) == 3
        assert OfferTally.objects.get().used == OfferUse.objects.count() == 3

    def test_two_offers_are_counted_in_one_order_by_everybody(self) -> None:
        for name in "AB":
            shelf = Category.objects.create(slug=name.lower(), names={"en": name})
            offer(name, category=shelf, most=50)
        tea, cup = variant("TEA", stock=99), variant("CUP", stock=99)
        for one, slug in ((tea, "a"), (cup, "b")):
            Product.objects.filter(pk=one.product_id).update(category=Category.objects.get(slug=slug))
        deeds = []
        for n in range(16):
            client = Client()
            fill_basket(client, *((tea, cup) if n % 2 else (cup, tea)))
            sent = answers(client, email=f"p{n}@example.com")
            deeds.append(lambda client=client, sent=sent: client.post("/checkout/", sent).status_code)
        assert _at_once(*deeds) == [303] * 16
        assert set(Offer.objects.values_list("used", flat=True)) == {16}

    def test_an_offer_for_everybody_is_no_row_that_orders_wait_for(self, client: Client) -> None:
        made = offer()
        fill_basket(client, variant())
        sent = answers(client)
        with transaction.atomic():
            Offer.objects.select_for_update(no_key=True).get(pk=made.pk)
            (told,) = _at_once(lambda: client.post("/checkout/", sent).status_code)
        assert told == 303
        assert Offer.objects.get().used == 0

    def test_the_database_holds_the_limits_by_itself(self) -> None:
        made = offer(most=2, most_each=1)
        with pytest.raises(IntegrityError, match="offer_used_no_more_than_allowed"):
            Offer.objects.update(used=3)
        OfferTally.objects.create(offer=made, person=b"x" * 32, used=1, most=1)
        with pytest.raises(IntegrityError, match="person_used_offer_no_more_than_allowed"):
            OfferTally.objects.update(used=2)

    @pytest.mark.parametrize(
        "discounts", [[{"name": "A", "goods": "9", "shipping": "0"}], [{"name": "A", "goods": "0", "shipping": "1.25"}]]
    )
    def test_the_database_holds_the_reductions_to_the_sum(self, client: Client, discounts: Any) -> None:
        offer()
        order = buy(client, variant())
        with pytest.raises(IntegrityError, match="reductions of order"):
            Order.objects.filter(pk=order.pk).update(discounts=discounts)

    @pytest.mark.parametrize("lines", [1, 25])
    @pytest.mark.parametrize("known", [False, True])
    @pytest.mark.parametrize("typed", ["", "SPRING"])
    def test_an_order_with_offers_takes_at_most_24_sql(
        self, client: Client, lines: int, known: bool, typed: str, django_user_model: type[User]
    ) -> None:
        offer("Percent", percent=3, most=99, most_each=99)
        offer("Carriage", kind="free_shipping", most=99, most_each=99)
        offer("Threes", kind="buy_get", most=99)
        coupon(most=9, most_each=9)
        if known:
            client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        fill_basket(client, *(variant(f"SKU-{n}") for n in range(lines)), quantity=3)
        sent = answers(client, no_marketing="on", coupon=typed, seen_total="")
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/checkout/", sent).status_code == 303
        assert len(Order.objects.get().discounts) == 2
        # The words of a notice are kept by the first answer to it in a process, whoever's it is.
        asked = [q["sql"] for q in queries if "privacy_showntext" not in q["sql"]]
        assert len(asked) <= 24, "\n".join(sql[:110] for sql in asked)


def _look_then_write(offer_ids: Any, order: Order, **_who: bytes | None) -> None:
    """A limit as many shops keep it."""
    for pk in offer_ids:
        seen_now = Offer.objects.get(pk=pk)
        if seen_now.most is not None and seen_now.used >= seen_now.most:
            raise offers.OfferGone(pk)
        Offer.objects.filter(pk=pk).update(used=seen_now.used + 1)
        OfferUse.objects.create(offer=seen_now, order=order)
