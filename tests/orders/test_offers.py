"""Offers: the buyer gets the best of what the rules permit, sees the same lines everywhere, and no limit is ever exceeded."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from accounts.domain.roles import MARKETER
from accounts.models import User
from catalogue.models import Category, Product
from orders.domain import coupons, offers, reservations
from orders.domain.giving_up import cancel_unpaid
from orders.domain.weighing import AMOUNT, BUY_GET, FREE_SHIPPING, PERCENT, Cut, Piece, applies, is_for, off_line, weigh
from orders.models import Offer, OfferAmount, OfferTally, OfferUse, Order
from tests.orders.shop import answers, buy, fill_basket, hidden, variant
from tests.orders.test_coupons import coupon
from tests.orders.test_payment import _expire
from tests.support.staff import works_as

D = Decimal


def offer(
    name: str = "Tea week", kind: str = "percent", *, amounts: dict[str, Any] | None = None, **more: Any
) -> Offer:
    more.setdefault("percent", 10 if kind == "percent" else 0)
    if kind == "buy_get":
        more = {"buy": 2, "get": 1} | more
    made = Offer.objects.create(names={"en": name, "ko": f"{name} 행사"}, kind=kind, **more)
    for currency, (amount, minimum) in (amounts or {}).items():
        OfferAmount.objects.create(offer=made, currency=currency, amount=amount, minimum=minimum)
    return made


def seen(page: bytes) -> str:
    return " ".join(page.decode().split())


# --- the rule, without a database --------------------------------------------------------------------------------------

amounts_ = st.integers(0, 20_000).map(lambda n: D(n).scaleb(-2))
shelves = st.sets(st.integers(1, 3), max_size=2).map(frozenset)
some_cuts = st.lists(
    st.builds(
        Cut,
        key=st.just((0, 0)),
        kind=st.sampled_from([PERCENT, AMOUNT, BUY_GET, FREE_SHIPPING]),
        percent=st.integers(1, 10_000).map(lambda n: D(n).scaleb(-2)),
        amount=amounts_,
        minimum=st.one_of(st.just(D(0)), amounts_),
        buy=st.integers(1, 3),
        get=st.integers(1, 2),
        category=st.sampled_from([None, 1, 2, 3]),
    ),
    max_size=5,
)
some_lines = st.lists(
    st.builds(Piece, key=st.just(0), price=amounts_, quantity=st.integers(1, 9), shelves=shelves),
    min_size=1,
    max_size=4,
)


def numbered(rows: Sequence[Any], make: Any) -> list[Any]:
    from dataclasses import replace

    return [replace(row, key=make(n)) for n, row in enumerate(rows, 1)]


def every_choice(cuts: Sequence[Cut], lines: Sequence[Piece]) -> list[Decimal]:
    """What each choice that decision 0028 permits takes off the goods: tried one by one."""
    usable = [cut for cut in cuts if applies(cut, lines)]
    by_line = [cut for cut in usable if cut.kind in (PERCENT, BUY_GET)]
    found = []
    for whole in [None, *(cut for cut in usable if cut.kind == AMOUNT)]:
        own = [line for line in lines if whole and is_for(whole, line)]
        taken = min(whole.amount, sum((line.total for line in own), D(0))) if whole else D(0)
        others = [line for line in lines if line not in own]
        for choice in itertools.product([None, *by_line], repeat=len(others)):
            found.append(
                taken + sum((off_line(c, line, "USD") for c, line in zip(choice, others, strict=True) if c), D(0))
            )
    return found


@how(max_examples=300, deadline=None)
@given(some_cuts, some_lines, st.randoms())
def test_the_buyer_gets_the_best_whatever_the_order_and_never_more_than_the_goods(
    drawn: list[Cut], wished: list[Piece], dice: Any
) -> None:
    cuts = numbered(drawn, lambda n: (0, n))
    lines = numbered(wished, lambda n: n)
    taken = weigh(cuts, lines, "USD")
    goods = sum((line.total for line in lines), D(0))
    assert D(0) <= taken.off_goods <= goods
    for line in lines:
        assert D(0) <= taken.lines.get(line.key, (None, D(0)))[1] <= line.total
    assert taken.off_goods == max(every_choice(cuts, lines))
    assert (taken.shipping is not None) == any(c.kind == FREE_SHIPPING and applies(c, lines) for c in cuts)
    dice.shuffle(cuts)
    dice.shuffle(lines)
    assert weigh(cuts, lines, "USD") == taken


def test_an_amount_that_takes_less_than_the_shares_it_would_replace_is_left_out() -> None:
    lines = [Piece(1, D(100), 1), Piece(2, D(50), 1)]
    half, ten = Cut((0, 1), PERCENT, percent=D(50)), Cut((0, 2), AMOUNT, amount=D(10))
    assert weigh([half, ten], lines, "USD").off_goods == 75
    assert weigh([ten], lines, "USD").off_goods == 10


@pytest.mark.parametrize(("quantity", "free"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2)])
def test_who_pays_for_two_gets_a_third(quantity: int, free: int) -> None:
    cut = Cut((0, 1), BUY_GET, buy=2, get=1)
    assert off_line(cut, Piece(1, D(7), quantity), "USD") == 7 * free


# --- on the pages, over the API, on the books ---------------------------------------------------------------------------


@pytest.mark.usefixtures("store")
class TestAnOffer:
    @pytest.mark.parametrize(
        ("kind", "more", "off", "of_shipping"),
        [
            ("percent", {}, "2.50", "0"),
            ("amount", {"amounts": {"USD": (7, 0)}}, "7.00", "0"),
            ("free_shipping", {}, "11.90", "11.90"),
            ("percent", {"code": "WEEK"}, "2.50", "0"),
        ],
    )
    def test_is_the_same_line_in_basket_checkout_api_and_order(
        self, client: Client, kind: str, more: dict[str, Any], off: str, of_shipping: str
    ) -> None:
        made = offer("Tea week", kind, **more)
        fill_basket(client, variant("TEA"), variant("CUP"))
        typed = {"coupon": made.code} if made.code else {}
        line = f"<dt>Tea week</dt><dd>−${off}</dd>"
        in_basket = seen(client.get("/basket/").content)
        assert (line in in_basket) == (not made.code and kind != "free_shipping"), "shipping and codes come later"
        shown = seen(client.post("/checkout/", answers(client) | typed | {"update": "1"}).content)
        assert line in shown
        told = client.get("/api/v1/basket/lines/bill/", {"country": "US", "currency": "USD", **typed}).json()
        goods = D(off) - D(of_shipping)
        assert told["discounts"] == [{"name": "Tea week", "goods": f"{goods:.2f}", "shipping": f"{D(of_shipping):.2f}"}]
        order = buy(client, seen_total="", **typed)
        assert told["total"] == str(order.total)
        assert (order.discount_total, order.shipping_discount) == (D(off), D(of_shipping))
        assert sum(row.discount for row in order.lines.all()) == goods
        assert OfferUse.objects.get().offer == made
        assert line in seen(client.get(order.get_absolute_url()).content)

    def test_a_placed_order_tells_its_reductions_over_the_api_and_keeps_their_words(self, client: Client) -> None:
        made = offer("Tea week")
        fill_basket(client, variant("TEA"))
        page = client.options("/api/v1/orders/").json()
        from tests.orders.shop import ADDRESS, CONTACT

        body = {**ADDRESS, **CONTACT, "currency": "USD", "notice": page["notice"]["token"]}
        placed = client.post(
            "/api/v1/orders/", body, content_type="application/json", headers={"Idempotency-Key": '"one"'}
        )
        assert placed.status_code == 201, placed.content
        assert placed.json()["discounts"] == [{"name": "Tea week", "goods": "1.25", "shipping": "0.00"}]
        Offer.objects.filter(pk=made.pk).update(names={"en": "Another"}, percent=99)
        assert Order.objects.get().reductions[0]["name"] == "Tea week"

    def test_counts_only_on_its_shelf_and_those_below(self, client: Client) -> None:
        food = Category.objects.create(slug="food", names={"en": "Food"})
        tea_shelf = Category.objects.create(slug="tea-shelf", names={"en": "Tea"}, parent=food)
        tea, cup = variant("TEA"), variant("CUP")
        Product.objects.filter(pk=tea.product_id).update(category=tea_shelf)
        offer("Food week", category=food)
        order = buy(client, tea, cup, seen_total="")
        assert [line.discount for line in order.lines.order_by("sku")] == [D(0), D("1.25")]

    def test_two_shelves_have_their_own_offers_at_once(self, client: Client) -> None:
        tea, cup = variant("TEA"), variant("CUP", price="20.00")
        for one, slug, percent in ((tea, "leaves", 10), (cup, "pots", 50)):
            shelf = Category.objects.create(slug=slug, names={"en": slug})
            Product.objects.filter(pk=one.product_id).update(category=shelf)
            offer(slug, category=shelf, percent=percent)
        order = buy(client, tea, cup, seen_total="")
        assert [row["name"] for row in order.reductions] == ["leaves", "pots"]
        assert order.discount_total == D("11.25")

    def test_is_stored_per_currency_and_never_converted(self, client: Client) -> None:
        offer(kind="amount", amounts={"KRW": (5000, 0)})
        assert buy(client, variant(), seen_total="").discount_total == 0

    @pytest.mark.parametrize(
        "more",
        [
            {"active": False},
            {"starts_at": Now() + timedelta(hours=1)},
            {"ends_at": Now() - timedelta(seconds=1)},
            {"most": 0},
            {"most_each": 0},
            {"amounts": {"USD": (0, 50)}},
            {"code": "TYPED"},
            {"first_order": True, "most_each": 1},
        ],
        ids=str,
    )
    def test_that_does_not_apply_takes_nothing_off_and_says_nothing(self, client: Client, more: dict[str, Any]) -> None:
        offer(**more)
        order = buy(client, variant())
        assert (order.discount_total, order.discounts) == (0, [])
        assert not OfferUse.objects.exists()

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ({"most": 0}, "used up"),
            ({"most_each": 0}, "as often as one person may"),
            ({"amounts": {"USD": (0, 50)}}, "$50.00 or more"),
            ({"kind": "amount", "amounts": {"KRW": (5000, 0)}}, "prices in this currency"),
            ({"first_order": True, "most_each": 1}, "first order of an account"),
            ({"ends_at": Now() - timedelta(seconds=1)}, "not known"),
        ],
        ids=str,
    )
    def test_whose_code_takes_nothing_off_is_refused_with_a_sentence(
        self, client: Client, more: dict[str, Any], says: str
    ) -> None:
        offer(code="WEEK", **more)
        fill_basket(client, variant())
        refused = client.post("/checkout/", answers(client, coupon="week", seen_total=""))
        assert refused.status_code == 422
        assert says in refused.content.decode()
        assert not Order.objects.exists()

    def test_for_other_goods_says_so(self, client: Client) -> None:
        offer(code="WEEK", category=Category.objects.create(slug="x", names={"en": "X"}))
        fill_basket(client, variant())
        refused = client.post("/checkout/", answers(client, coupon="WEEK", seen_total=""))
        assert "other goods" in refused.content.decode()

    def test_for_a_first_order_is_for_an_account_and_once(self, client: Client, django_user_model: type[User]) -> None:
        offer(first_order=True, most_each=1)
        client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        assert buy(client, variant("A"), seen_total="").discount_total == D("1.25")
        assert buy(client, variant("B"), email="other@example.com", seen_total="").discount_total == 0

    def test_one_person_is_one_person_in_any_spelling_and_told_before_ordering(self, client: Client) -> None:
        offer(most_each=1)
        assert buy(client, variant("A"), email="mina.kim@gmail.com", seen_total="").discount_total
        other = Client()
        fill_basket(other, variant("B"))
        sent = answers(other, email="M.inaKim+x@googlemail.com")
        assert "Tea week" in seen(other.get("/checkout/").content), "nobody knows yet who it is"
        again = other.post("/checkout/", sent)
        assert again.status_code == 409, "the total is another one than was shown"
        assert "Tea week" not in seen(again.content)
        sent["seen_total"] = hidden(again.content, "seen_total")
        assert other.post("/checkout/", sent).status_code == 303
        assert not Order.objects.latest("pk").discounts

    def test_nothing_that_is_kept_of_a_use_says_who(self, client: Client) -> None:
        offer("Once", most_each=1)
        offer("Always", percent=5)
        buy(client, variant(), seen_total="")
        (tally,) = OfferTally.objects.all()
        assert len(bytes(tally.person)) == 32
        assert bytes(tally.person) == coupons.person_of("mina@example.com")
        assert not {f.name for f in OfferUse._meta.fields} - {
            "id",
            "offer",
            "order",
            "tally",
            "used_at",
            "given_back_at",
        }

    def test_who_used_it_is_forgotten_some_time_after_its_end(self, client: Client) -> None:
        offer(most_each=1)
        buy(client, variant(), seen_total="")
        Offer.objects.update(ends_at=Now() - offers.TALLIES_KEPT_AFTER_END + timedelta(hours=1))
        assert offers.forget_ended() == 0
        Offer.objects.update(ends_at=Now() - offers.TALLIES_KEPT_AFTER_END)
        assert offers.forget_ended() == 1
        assert OfferUse.objects.get().tally is None

    def test_given_up_is_given_back_once(self, client: Client) -> None:
        offer(most=1, most_each=1)
        order = buy(client, variant(), seen_total="")
        assert (Offer.objects.get().used, OfferTally.objects.get().used) == (1, 1)
        _expire(order)
        assert cancel_unpaid(order.pk) is True
        reservations.release(order)
        assert (Offer.objects.get().used, OfferTally.objects.get().used) == (0, 0)
        assert buy(client, variant("CUP"), seen_total="").discount_total

    def test_beats_a_coupon_that_takes_less_which_stays_good(self, client: Client) -> None:
        offer(percent=20)
        coupon(most=1)
        fill_basket(client, variant())
        shown = seen(client.post("/checkout/", answers(client) | {"coupon": "SPRING", "update": "1"}).content)
        assert "stays good for another time" in shown
        order = buy(client, coupon="SPRING", seen_total="")
        assert order.discount_total == D("2.50")
        assert Offer.objects.get(code="SPRING").used == 0

    def test_loses_to_a_coupon_that_takes_more(self, client: Client) -> None:
        offer(percent=5)
        coupon()
        order = buy(client, variant(), coupon="SPRING", seen_total="")
        assert [row["name"] for row in order.reductions] == ["Coupon SPRING"]
        assert OfferUse.objects.get().offer.code == "SPRING"

    def test_an_order_always_leaves_something_to_pay(self, client: Client) -> None:
        offer("All", percent=100)
        offer("Carriage", kind="free_shipping")
        order = buy(client, variant(), seen_total="")
        assert order.total == order.shipping_total
        assert [row["name"] for row in order.reductions] == ["All"]

    def test_an_offer_that_is_gone_between_page_and_order_sells_nothing(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offer(most=1)
        fill_basket(client, variant())
        sent = answers(client)
        redeem = offers.redeem

        def slower(*args: Any, **kwargs: Any) -> None:
            Offer.objects.update(used=1)
            redeem(*args, **kwargs)

        monkeypatch.setattr(offers, "redeem", slower)
        refused = client.post("/checkout/", sent)
        assert refused.status_code == 409
        assert "has just been used up" in refused.content.decode()
        assert not Order.objects.exists()


@pytest.mark.usefixtures("store")
def test_a_basket_with_offers_takes_at_most_4_sql(client: Client) -> None:
    offer()
    fill_basket(client, *(variant(f"SKU-{n}") for n in range(9)))
    client.get("/basket/")
    with CaptureQueriesContext(connection) as queries:
        assert "Tea week" in client.get("/basket/").content.decode()
    assert len(queries) <= 4, "\n".join(q["sql"][:110] for q in queries)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("percent", {"kind": "percent", "percent": 0}),
        ("buy", {"kind": "buy_get"}),
        ("buy", {"kind": "free_shipping", "buy": 2, "get": 1}),
        ("most_each", {"kind": "free_shipping", "first_order": True}),
        ("names", {"kind": "free_shipping", "names": {"ko": "차"}}),
        ("names", {"kind": "free_shipping", "names": []}),
        ("names", {"kind": "free_shipping", "names": {}}),
        ("code", {"kind": "free_shipping", "code": "SPRING"}),
    ],
)
def test_staff_read_in_a_sentence_what_is_wrong_with_an_offer(field: str, wrong: dict[str, Any]) -> None:
    coupon()
    with pytest.raises(ValidationError) as told:
        Offer(**{"names": {"en": "Tea"}} | wrong).full_clean()
    assert field in told.value.message_dict


@pytest.mark.django_db
def test_marketers_set_offers_and_see_no_order() -> None:
    browser = works_as(MARKETER)
    offer()
    for model, status in (("offer", 200), ("order", 403), ("ordercontact", 403), ("payment", 403)):
        try:
            address = reverse(f"admin:orders_{model}_changelist")
        except NoReverseMatch:
            continue
        assert browser.get(address).status_code == status, model
    made = Offer.objects.get()
    page = browser.get(reverse("admin:orders_offer_change", args=[made.pk]))
    assert page.status_code == 200
    assert 'name="used"' not in page.content.decode()
