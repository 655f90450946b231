"""What an order comes to: whatever is bought, wherever it goes, the rounded lines sum up to the total, and no float is near."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from djmoney.money import Money
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from catalogue import amounts
from catalogue.models import Price
from catalogue.queries import Line
from orders.domain import shipping, terms
from orders.domain.bill import Bill, draw_up
from orders.domain.coupons import CouponRefused
from orders.domain.shipping_table import ZONES
from orders.domain.terms import OfferTerms, Rate, Rule, Terms
from orders.models import ExchangeRate, Order, OrderLine, ShippingRate, TaxRule
from orders.queries import PricedBasket, Wished
from tests.orders.shop import answers, buy, fill_basket, hidden, variant

D = Decimal
CURRENCIES = ("KRW", "USD", "EUR", "JPY", "CNY")


def goods(currency: str, *lines: tuple[str, int], hs_code: str = "3304.99") -> PricedBasket:
    """Lines of a price and a quantity, without a database."""
    return PricedBasket(
        currency,
        [
            Wished(n, quantity, Line(n, f"S{n}", "Tea", "", Money(D(price), currency), 99, 100, "", "/", hs_code))
            for n, (price, quantity) in enumerate(lines, 1)
        ],
    )


def rule(percent: str = "10", how: str = "added", kind: str = "tax", **more: Any) -> Rule:
    given_ = {"hs_prefix": "", "free_up_to": None, "free_currency": "", "on_shipping": True, "source": "a law"} | more
    return Rule(kind=kind, name="VAT", percent=D(percent), how=how, **given_)


def applying(
    currency: str, *rules: Rule, coupon: OfferTerms | None = None, shipping_price: str = "10", **won: str
) -> Terms:
    rates = (Rate(True, 10**6, D(shipping_price), 1, 3),)
    return Terms(
        "XX", currency, rates, rules, {code: D(worth) for code, worth in won.items()}, (coupon,) if coupon else ()
    )


def coupon(kind: str, *, percent: str = "0", amount: str | None = None, minimum: str = "0") -> OfferTerms:
    return OfferTerms(
        id=1,
        kind=kind,
        percent=D(percent),
        buy=0,
        get=0,
        names={},
        code="SPRING",
        category=None,
        first_order=False,
        amount=None if amount is None else D(amount),
        minimum=D(minimum),
        used_up=False,
        used_by_you=False,
        ordered_before=False,
    )


def check(bill: Bill) -> None:
    """What holds for every bill."""
    step = amounts.step(bill.currency)
    each = [x for line in bill.lines for x in (line.total, line.discount, line.tax, line.net)]
    each += [bill.shipping_total.amount, bill.shipping_discount, bill.shipping_tax, bill.total.amount]
    each += [tax.amount.amount for tax in bill.taxes]
    assert all(isinstance(x, Decimal) and x >= 0 and x % step == 0 for x in each)
    assert bill.total.amount == (
        sum(line.net + line.tax for line in bill.lines)
        + (bill.shipping_total.amount - bill.shipping_discount)
        + bill.shipping_tax
    )
    assert sum(tax.amount.amount for tax in bill.added) == bill.tax_total.amount
    assert bill.landed_cost >= bill.total


percents = st.decimals("0", "100", places=3).map(str)


@st.composite
def bills(draw: Any) -> tuple[PricedBasket, Terms]:
    currency = draw(st.sampled_from(CURRENCIES))
    most = 10**6 if currency in ("KRW", "JPY") else 10**8
    places = 0 if currency in ("KRW", "JPY") else 2
    price = st.integers(0, most).map(lambda n: str(D(n).scaleb(-places)))
    lines = draw(st.lists(st.tuples(price, st.integers(1, 99)), min_size=1, max_size=8))
    rules = draw(
        st.lists(
            st.builds(
                rule,
                percents,
                how=st.sampled_from(["included", "added", "on_arrival"]),
                kind=st.sampled_from(["tax", "duty"]),
                on_shipping=st.booleans(),
                hs_prefix=st.sampled_from(["", "33", "3304", "61"]),
            ),
            max_size=4,
            unique_by=lambda r: (r.kind, r.hs_prefix),
        )
    )
    off = draw(
        st.one_of(
            st.none(),
            percents.filter(lambda p: D(p) > 0).map(lambda p: coupon("percent", percent=p)),
            price.filter(lambda p: D(p) > 0).map(lambda p: coupon("amount", amount=p)),
            st.just(coupon("free_shipping")),
        )
    )
    return goods(currency, *lines), applying(currency, *rules, coupon=off, shipping_price=draw(price))


@how(max_examples=400, deadline=None)
@given(bills())
def test_rounded_lines_sum_up_whatever_is_bought_and_wherever_it_goes(drawn: tuple[PricedBasket, Terms]) -> None:
    basket, terms_ = drawn
    try:
        bill = draw_up(basket, terms_)
    except CouponRefused as refused:
        bill, why = None, refused.why
    if bill is None:
        assert why == "nothing_left"
    else:
        check(bill)


@how(max_examples=300, deadline=None)
@given(
    st.sampled_from(CURRENCIES), st.integers(0, 10**9), st.lists(st.integers(0, 10**7).map(D), min_size=1, max_size=9)
)
def test_an_amount_is_divided_to_the_last_cent(currency: str, number: int, shares: list[Decimal]) -> None:
    amount = D(number) * amounts.step(currency)
    parts = amounts.divided(amount, shares, currency)
    assert sum(parts) == (amount if sum(shares) else 0)
    assert all(part % amounts.step(currency) == 0 for part in parts)
    exact = [amount * share / sum(shares) for share in shares] if sum(shares) else parts
    assert all(abs(part - whole) <= amounts.step(currency) for part, whole in zip(parts, exact, strict=True))


def test_a_third_off_three_things_rounds_line_by_line() -> None:
    bill = draw_up(
        goods("USD", ("0.10", 1), ("0.10", 1), ("0.10", 1)), applying("USD", coupon=coupon("percent", percent="33.33"))
    )
    assert [line.discount for line in bill.lines] == [D("0.03")] * 3
    bill = draw_up(
        goods("KRW", ("101", 1), ("101", 1), ("101", 1)), applying("KRW", coupon=coupon("amount", amount="100"))
    )
    assert [line.discount for line in bill.lines] == [D(34), D(33), D(33)]
    check(bill)


def test_a_coupon_never_takes_off_more_than_the_goods() -> None:
    bill = draw_up(goods("USD", ("5", 1)), applying("USD", coupon=coupon("amount", amount="50")))
    assert (bill.discount_total.amount, bill.total.amount) == (D(5), D(10))


def test_tax_that_is_added_is_on_goods_less_coupon_shipping_and_duty() -> None:
    duty = rule("10", kind="duty", on_shipping=False)
    bill = draw_up(goods("USD", ("100", 1)), applying("USD", duty, rule("20"), coupon=coupon("amount", amount="20")))
    # Duty: 10 % of 80. Tax: 20 % of 80 + 8 and of the shipping of 10.
    assert [(tax.base.amount, tax.amount.amount) for tax in bill.taxes] == [(D(80), D(8)), (D(98), D("19.60"))]
    assert bill.total.amount == D("117.60")
    assert (bill.lines[0].tax, bill.shipping_tax) == (D("25.60"), D(2))


def test_tax_in_the_price_adds_nothing() -> None:
    bill = draw_up(goods("KRW", ("11000", 1)), applying("KRW", rule("10", "included"), shipping_price="3300"))
    assert bill.total.amount == D(14300)
    assert [tax.amount.amount for tax in bill.included] == [D(1300)]


def test_what_is_paid_on_arrival_is_shown_and_not_charged() -> None:
    bill = draw_up(goods("EUR", ("100", 1)), applying("EUR", rule("19", "on_arrival")))
    assert (bill.total.amount, bill.landed_cost.amount) == (D(110), D("130.90"))


@pytest.mark.parametrize(
    ("price", "owed"), [("149.99", 0), ("150.00", 0), ("150.01", D("18.00"))], ids=["below", "at", "above"]
)
def test_goods_up_to_a_countrys_free_amount_owe_nothing(price: str, owed: Any) -> None:
    duty = rule("12", "on_arrival", "duty", free_up_to=D(150), free_currency="EUR", on_shipping=False)
    bill = draw_up(goods("EUR", (price, 1)), applying("EUR", duty))
    assert sum(tax.amount.amount for tax in bill.on_arrival) == owed


def test_a_free_amount_in_another_currency_is_read_by_the_rate() -> None:
    duty = rule("12", "on_arrival", "duty", free_up_to=D(150), free_currency="EUR")
    just_below, just_above = goods("KRW", ("243000", 1)), goods("KRW", ("243001", 1))
    of_korea = applying("KRW", duty, KRW="1", EUR="1620")
    assert not draw_up(just_below, of_korea).on_arrival
    assert draw_up(just_above, of_korea).on_arrival
    assert draw_up(just_below, applying("KRW", duty)).on_arrival, "without a rate nobody is told that nothing is owed"


def test_the_duty_with_the_longest_beginning_of_the_code_counts() -> None:
    duties = [rule("1", "on_arrival", "duty"), rule("5", "on_arrival", "duty", hs_prefix="33"),
              rule("7", "on_arrival", "duty", hs_prefix="3304")]  # fmt: skip
    for code, percent in (("3304.99", "7"), ("33.05", "5"), ("6109", "1"), ("", "1")):
        (tax,) = draw_up(goods("USD", ("100", 1), hs_code=code), applying("USD", *duties)).on_arrival
        assert tax.rule.rate == percent


def test_what_is_rounded_is_no_float() -> None:
    with pytest.raises(TypeError, match="never a float"):
        amounts.rounded(0.1 + 0.2, "USD")  # type: ignore[arg-type]


@pytest.mark.usefixtures("store")
class TestTheTerms:
    def test_they_are_read_in_one_statement_and_are_decimals(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            read = terms.read("US", "USD")
        assert len(queries) == 1
        assert [(r.kind, r.percent) for r in read.rules] == [("duty", D(15))]
        assert all(isinstance(worth, Decimal) for worth in read.won.values())
        assert shipping.quote(read, 400).price == Money("11.90", "USD")

    def test_every_country_has_a_price_in_every_currency(self) -> None:
        for zone in ZONES:
            for currency in settings.CURRENCIES:
                read = terms.read(zone.countries[0] if zone.countries else "BR", currency)
                assert shipping.quote(read, 30_000).price > shipping.quote(read, 100).price

    def test_the_newest_row_that_has_begun_counts(self) -> None:
        old = {"country": "ZZ", "kind": "tax", "name": "VAT", "source": "a law"}
        TaxRule.objects.create(percent=5, starts_on="2020-01-01", **old)
        TaxRule.objects.create(percent=6, starts_on="2021-01-01", **old)
        TaxRule.objects.create(percent=7, starts_on="2999-01-01", **old)
        TaxRule.objects.create(percent=9, starts_on="2020-01-01", ends_on="2020-12-31", **old | {"kind": "duty"})
        assert [(r.kind, r.percent) for r in terms.read("ZZ", "USD").rules] == [("tax", D(6))]
        ExchangeRate.objects.create(currency="USD", won="1401.5", starts_at="2020-01-01T00:00Z")
        ExchangeRate.objects.create(currency="USD", won="9999", starts_at="2999-01-01T00:00Z")
        assert terms.read("ZZ", "USD").won["USD"] == D(1400), "the newest that has begun"

    def test_a_country_of_which_nothing_is_known_says_so(self, client: Client) -> None:
        fill_basket(client, variant())
        page = client.post("/checkout/", answers(client) | {"country": "BR", "update": "1"}).content.decode()
        assert "We do not know how much" in page


@pytest.mark.usefixtures("store")
class TestAnOrder:
    def test_the_page_shows_what_may_be_asked_for_on_arrival(self, client: Client) -> None:
        fill_basket(client, variant())
        page = client.get("/checkout/").content.decode()
        assert "VAT 10% is in it" in page or "On arrival" in page
        abroad = client.post("/checkout/", answers(client) | {"country": "DE", "update": "1"}).content.decode()
        # 12.50 and 11.90 shipping, 19 % on both.
        assert "VAT 19%" in abroad
        assert "about $4.64" in abroad
        assert "about $29.04" in abroad
        assert "Order and pay $24.40" in " ".join(abroad.split())

    def test_rates_and_taxes_stand_on_the_order_whatever_staff_change_later(self, client: Client) -> None:
        TaxRule.objects.create(
            country="US",
            kind="tax",
            name="Sales tax",
            percent="8.875",
            how="added",
            starts_on="2026-01-01",
            source="a law",
        )
        order = buy(client, variant(price="100.00"))
        # Of 100 and the duty of 15; of the shipping of 11.90.
        assert (order.tax_total, order.shipping_tax) == (D("11.27"), D("1.06"))
        assert order.total == D("123.17")
        assert order.lines.get().tax == D("10.21")
        assert order.exchange_rate == D(1400)
        assert [(row["name"], row["percent"], row["how"], row["amount"]) for row in order.taxes] == [
            ("Customs duty", "15", "on_arrival", "15.00"),
            ("Sales tax", "8.875", "added", "11.27"),
        ]
        TaxRule.objects.all().delete()
        ExchangeRate.objects.all().delete()
        order.refresh_from_db()
        assert (order.tax_total, order.taxes[1]["percent"], order.exchange_rate) == (D("11.27"), "8.875", D(1400))

    def test_a_tax_that_changed_is_shown_before_it_is_charged(self, client: Client) -> None:
        fill_basket(client, variant(price="100.00"))
        sent = answers(client)
        TaxRule.objects.create(
            country="US", kind="tax", name="Sales tax", percent=10, how="added", starts_on="2026-01-01", source="a law"
        )
        refused = client.post("/checkout/", sent)
        assert refused.status_code == 409
        assert hidden(refused.content, "seen_total") == "124.59"

    @pytest.mark.parametrize("currency", CURRENCIES)
    def test_each_currency_is_sold_at_its_own_stored_price(self, client: Client, currency: str) -> None:
        tea = variant()
        price = {"KRW": "18000", "USD": "14.50", "EUR": "11.50", "JPY": "1940", "CNY": "93.00"}[currency]
        Price.objects.update_or_create(variant=tea, currency=currency, defaults={"amount": D(price)})
        fill_basket(client, tea, quantity=3)
        token = client.options("/api/v1/orders/").json()["notice"]["token"]
        from tests.orders.shop import ADDRESS, CONTACT

        told = client.post(
            "/api/v1/orders/",
            {"notice": token, "currency": currency, **CONTACT, **ADDRESS},
            content_type="application/json",
            headers={"Idempotency-Key": currency},
        )
        assert told.status_code == 201, told.json()
        order = Order.objects.get()
        assert (order.currency, order.goods_total) == (currency, D(price) * 3)
        assert (
            order.total
            == order.goods_total
            + ShippingRate.objects.get(zone__code="north-america", currency=currency, up_to_g=1000).price
        )


@pytest.mark.usefixtures("open_store")
class TestTheConstraints:
    """What Python may forget, the database does not."""

    @pytest.mark.parametrize(
        ("break_it", "name"),
        [
            (lambda o: OrderLine.objects.filter(order=o).update(tax="0.01"), "do not sum up"),
            (lambda o: OrderLine.objects.filter(order=o).update(discount="0.01"), "do not sum up"),
            (lambda o: OrderLine.objects.filter(order=o).first().delete(), "do not sum up"),
            (
                lambda o: OrderLine.objects.create(order=o, sku="X", name="X", unit_price=1, quantity=1, total=1),
                "do not sum up",
            ),
            (lambda o: Order.objects.filter(pk=o.pk).update(goods_total="1.00", total="12.90"), "do not sum up"),
            (lambda o: Order.objects.filter(pk=o.pk).update(tax_total=1, total=o.total + 1), "do not sum up"),
            (lambda o: Order.objects.filter(pk=o.pk).update(total=o.total + 1), "order_adds_up"),
            (lambda o: Order.objects.filter(pk=o.pk).update(shipping_discount=99), "order_parts_within_their_whole"),
            (lambda o: Order.objects.filter(pk=o.pk).update(currency="KRW"), "order_can_be_paid|has no coin for"),
            (lambda o: OrderLine.objects.filter(order=o).update(discount="99999"), "order_line_discount_within_it"),
        ],
        ids=[*"abcdefghij"],
    )
    def test_the_lines_sum_up_to_the_order(self, client: Client, break_it: Any, name: str) -> None:
        order = buy(client, variant("TEA"), variant("CUP", price="3.33"))
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            break_it(order)
        assert Order.objects.get().lines.count() == 2

    def test_a_won_has_no_parts(self) -> None:
        tea = variant()
        with pytest.raises(IntegrityError, match="price_can_be_paid"):
            Price.objects.filter(variant=tea, currency="KRW").update(amount="0.50")
        Price.objects.filter(variant=tea, currency="USD").update(amount="0.50")
        with pytest.raises(IntegrityError, match="shipping_price_can_be_paid"):
            ShippingRate.objects.filter(currency="JPY").update(price="100.10")
