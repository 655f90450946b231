"""Offers that ask for a code, which shoppers call coupons: what they take off, and limits that hold for everybody at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.domain import coupons, offers, reservations
from orders.domain.giving_up import cancel_unpaid
from orders.models import Offer, OfferAmount, OfferTally, OfferUse, Order
from tests.orders.shop import answers, buy, fill_basket, variant
from tests.orders.test_payment import _expire
from tests.orders.test_race import _at_once

D = Decimal


def coupon(code: str = "SPRING", kind: str = "percent", *, amounts: dict[str, Any] | None = None, **how: Any) -> Offer:
    made = Offer.objects.create(code=code, kind=kind, percent=10 if kind == "percent" else 0, **how)
    for currency, (amount, minimum) in (amounts or {}).items():
        OfferAmount.objects.create(offer=made, currency=currency, amount=amount, minimum=minimum)
    return made


@pytest.mark.usefixtures("store")
class TestACoupon:
    @pytest.mark.parametrize(
        ("kind", "amounts", "off", "of_shipping"),
        [
            ("percent", None, "2.50", "0"),
            ("amount", {"USD": (7, 0)}, "7.00", "0"),
            ("free_shipping", None, "11.90", "11.90"),
        ],
    )
    def test_takes_off_what_it_says_and_the_page_shows_it_first(
        self, client: Client, kind: str, amounts: Any, off: str, of_shipping: str
    ) -> None:
        coupon(kind=kind, amounts=amounts)
        fill_basket(client, variant("TEA"), variant("CUP"))
        shown = client.post("/checkout/", answers(client) | {"coupon": " spring ", "update": "1"})
        assert f"−${off}" in shown.content.decode()
        assert f"Order and pay ${D('36.90') - D(off)}" in " ".join(shown.content.decode().split())
        order = buy(client, coupon=" spring ", seen_total="")
        assert (order.discount_total, order.shipping_discount) == (D(off), D(of_shipping))
        assert order.total == D("36.90") - D(off)
        assert sum(line.discount for line in order.lines.all()) == D(off) - D(of_shipping)
        assert OfferUse.objects.get().order == order

    @pytest.mark.parametrize(
        ("how", "typed", "says"),
        [
            ({}, "WINTER", "not known"),
            ({}, "💐", "not known"),
            ({}, "\x00", "not known|cannot be stored|Null characters"),
            ({}, "x" * 41, "at most 40"),
            ({}, "4242 4242 4242 4242", "looks like a card number"),
            ({"active": False}, "SPRING", "not known"),
            ({"starts_at": Now() + timedelta(hours=1)}, "SPRING", "not known"),
            ({"ends_at": Now() - timedelta(seconds=1)}, "SPRING", "not known"),
            ({"most": 0}, "SPRING", "used up"),
            ({"most_each": 0}, "SPRING", "as often as one person may"),
            ({"amounts": {"USD": (0, 50)}}, "SPRING", r"goods of US\$50.00 or more|goods of \$50.00 or more"),
            ({"kind": "amount", "amounts": {"KRW": (5000, 0)}}, "SPRING", "prices in this currency"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_that_takes_nothing_off_is_refused_with_a_sentence(
        self, client: Client, how: dict[str, Any], typed: str, says: str
    ) -> None:
        coupon(**how)
        fill_basket(client, variant())
        sent = answers(client, coupon=typed, seen_total="")
        assert client.post("/checkout/", sent | {"update": "1"}).status_code == 200
        refused = client.post("/checkout/", sent)
        assert refused.status_code == 422
        import re

        assert re.search(says, refused.content.decode()), refused.content.decode()
        assert not Order.objects.exists()
        assert Offer.objects.get().used == 0
        assert not OfferTally.objects.exists()

    def test_one_person_is_one_person_in_any_spelling(self, client: Client) -> None:
        coupon(most_each=1)
        buy(client, variant("A"), coupon="SPRING", email="mina.kim@gmail.com", seen_total="")
        for again in ("Mina.Kim@gmail.com", "minakim+shop@googlemail.com", "m.i.n.a.kim@GMAIL.com"):
            other = Client()
            fill_basket(other, variant(f"B{len(again)}{again[0]}"))
            refused = other.post("/checkout/", answers(other, coupon="SPRING", email=again, seen_total=""))
            assert refused.status_code == 422
        buy(Client(), variant("C"), coupon="SPRING", email="minakim@example.com", seen_total="")
        assert sorted(OfferTally.objects.values_list("used", flat=True)) == [1, 1]

    def test_nothing_that_is_kept_of_a_use_says_who(self, client: Client) -> None:
        coupon(most_each=1)
        buy(client, variant(), coupon="SPRING", seen_total="")
        tally = OfferTally.objects.get()
        assert len(bytes(tally.person)) == 32
        assert bytes(tally.person) == coupons.person_of("MINA@example.com ")
        assert b"mina" not in bytes(tally.person)

    def test_an_order_that_is_given_up_gives_the_coupon_back_once(self, client: Client) -> None:
        coupon(most=1, most_each=1)
        order = buy(client, variant(), coupon="SPRING", seen_total="")
        _expire(order)
        assert cancel_unpaid(order.pk) is True
        reservations.release(order)
        assert (Offer.objects.get().used, OfferTally.objects.get().used) == (0, 0)
        buy(client, variant("CUP"), coupon="SPRING", seen_total="")
        assert (Offer.objects.get().used, OfferTally.objects.get().used) == (1, 1)

    def test_a_coupon_that_was_raised_since_is_shown_before_it_is_used(self, client: Client) -> None:
        coupon()
        fill_basket(client, variant())
        shown = client.post("/checkout/", answers(client) | {"coupon": "SPRING", "update": "1"})
        assert 'value="SPRING"' in shown.content.decode()
        sent = answers(client, coupon="SPRING", seen_total=shown.context["summary"].total.amount)
        Offer.objects.update(percent=5)
        assert client.post("/checkout/", sent).status_code == 409

    def test_who_used_it_is_forgotten_some_time_after_its_end(self, client: Client) -> None:
        coupon(most_each=1)
        buy(client, variant(), coupon="SPRING", seen_total="")
        assert offers.forget_ended() == 0
        Offer.objects.update(ends_at=Now() - offers.TALLIES_KEPT_AFTER_END + timedelta(hours=1))
        assert offers.forget_ended() == 0
        Offer.objects.update(ends_at=Now() - offers.TALLIES_KEPT_AFTER_END)
        assert offers.forget_ended() == 1
        assert OfferUse.objects.get().tally is None


@pytest.mark.usefixtures("open_store")
class TestAtOnce:
    def _buyers(self, number: int, **typed: Any) -> list[Any]:
        deeds = []
        for n in range(number):
            client = Client()
            fill_basket(client, variant(f"SKU-{n}"))
            sent = answers(client, coupon="SPRING", seen_total="", **({"email": f"p{n}@example.com"} | typed))
            deeds.append(lambda client=client, sent=sent: client.post("/checkout/", sent).status_code)
        return deeds

    def test_the_last_use_is_used_once_however_many_want_it(self) -> None:
        coupon(most=3)
        told = _at_once(*self._buyers(12))
        assert sorted(told) == [303] * 3 + [422] * 9
        assert Offer.objects.get().used == Order.objects.count() == OfferUse.objects.count() == 3

    def test_one_person_at_once_in_many_windows_uses_it_as_often_as_allowed(self) -> None:
        coupon(most_each=2)
        told = _at_once(*self._buyers(10, email="mina@example.com"))
        assert sorted(told) == [303] * 2 + [422] * 8
        assert (OfferUse.objects.count(), OfferTally.objects.get().used) == (2, 2)

    def test_with_the_guard_off_the_same_race_goes_over_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        coupon(most=3)
        monkeypatch.setattr(offers, "redeem", _look_then_write)
        told = _at_once(*self._buyers(12))
        assert told.count(303) > 3

    def test_using_and_giving_back_at_once_stays_within_the_limit_and_loses_nothing(self) -> None:
        coupon(most=2, most_each=1)
        orders = []
        for deed in self._buyers(2):
            assert deed() == 303
            orders.append(Order.objects.latest("pk"))
        more = []
        for n in range(6):
            client = Client()
            fill_basket(client, variant(f"MORE-{n}"))
            sent = answers(client, coupon="SPRING", seen_total="", email=f"q{n}@example.com")
            more.append(lambda client=client, sent=sent: client.post("/checkout/", sent).status_code)
        for order in orders:
            _expire(order)
        told = _at_once(*more, *[lambda o=o: cancel_unpaid(o.pk) for o in orders])
        used, bought = Offer.objects.get().used, told.count(303)
        assert used == bought <= 2
        assert OfferTally.objects.aggregate(n=Sum("used"))["n"] == used
        assert OfferUse.objects.filter(given_back_at__isnull=True).count() == used

    def test_the_database_holds_the_limits_by_itself(self) -> None:
        made = coupon(most=2, most_each=1)
        with pytest.raises(IntegrityError, match="offer_used_no_more_than_allowed"):
            Offer.objects.update(used=3)
        OfferTally.objects.create(offer=made, person=b"x" * 32, used=1, most=1)
        with pytest.raises(IntegrityError, match="person_used_offer_no_more_than_allowed"):
            OfferTally.objects.update(used=2)

    @pytest.mark.parametrize("lines", [1, 25])
    @pytest.mark.parametrize("known", [False, True])
    def test_an_order_with_a_coupon_takes_at_most_24_sql(
        self, client: Client, lines: int, known: bool, django_user_model: Any
    ) -> None:
        coupon(most=9, most_each=9)
        if known:
            client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        fill_basket(client, *(variant(f"SKU-{n}") for n in range(lines)))
        sent = answers(client, no_marketing="on", coupon="SPRING", seen_total="")
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/checkout/", sent).status_code == 303
        assert Order.objects.get().discount_total
        assert len(queries) <= 24, "\n".join(q["sql"][:110] for q in queries)


def _look_then_write(offer_ids: Any, order: Order, **_who: bytes | None) -> None:
    """A limit as many shops keep it."""
    for pk in offer_ids:
        seen = Offer.objects.get(pk=pk)
        if seen.most is not None and seen.used >= seen.most:
            raise offers.OfferGone(pk)
        Offer.objects.filter(pk=pk).update(used=seen.used + 1)
        OfferUse.objects.create(offer=seen, order=order)
