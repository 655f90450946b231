"""The shelves: what is shown in which language and currency, what is found, and that nothing typed breaks a page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from djmoney.money import Money

from catalogue.domain.products import Draft, PriceDraft, TextDraft, VariantDraft, put
from catalogue.domain.stock import hold
from catalogue.models import Category, Hold, Price, Product, Variant
from catalogue.queries import PER_PAGE, listing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_navigation():
    cache.clear()


def goods(
    slug: str, en: str, ko: str, *, price: str = "10.00", stock: int = 5, category: Category | None = None
) -> Product:
    prices = {"USD": PriceDraft(Decimal(price)), "KRW": PriceDraft(Decimal(price) * 1000)}
    draft = Draft(
        slug=slug,
        texts={"en": TextDraft(en, f"About {en}"), "ko": TextDraft(ko)},
        variants=[VariantDraft(sku=slug.upper(), prices=prices, stock=stock)],
        category=category,
    )
    return put(draft)[0]


def found(text: str, language: str = "en") -> list[str]:
    return [card.slug for card in listing(language, "USD", text=text).cards]


def test_a_product_is_shown_in_the_language_and_currency_of_the_page(client):
    goods("barley-tea", "Barley Tea", "보리차", price="12.50")
    english = client.get("/products/barley-tea/").content.decode()
    korean = client.get("/ko/products/barley-tea/").content.decode()
    assert "Barley Tea" in english
    assert "$12.50" in english
    assert "보리차" in korean
    assert "₩12,500" in korean


@pytest.mark.parametrize(
    ("typed", "slug"),
    [("barley", "barley-tea"), ("Barl", "barley-tea"), ("barly tea", "barley-tea"), ("보리", "barley-tea"),
     ("화장품", "camellia"), ("백화장", "camellia"), ("BARLEY-TEA", "barley-tea")],
)  # fmt: skip
def test_goods_are_found_by_words_beginnings_slips_and_the_middle_of_korean_words(typed, slug):
    goods("barley-tea", "Barley Tea", "보리차")
    goods("camellia", "Camellia Set", "동백화장품세트")
    assert found(typed)[:1] == [slug]


def test_what_does_not_fit_is_not_found():
    goods("barley-tea", "Barley Tea", "보리차")
    assert found("umbrella") == []
    assert found("!!!") == []


def test_a_changed_name_is_found_at_once_and_the_old_one_is_not():
    goods("barley-tea", "Barley Tea", "보리차")
    goods("barley-tea", "Buckwheat Tea", "메밀차")
    assert found("buckwheat") == ["barley-tea"]
    assert found("barley") == ["barley-tea"]  # its article number still says so
    assert found("보리") == []


def test_shelves_sort_and_filter(client):
    food = Category.objects.create(slug="food", names={"en": "Food", "ko": "식품"})
    goods("cheap", "Cheap", "싼 것", price="1.00", category=food)
    goods("dear", "Dear", "비싼 것", price="90.00", stock=0, category=food)
    goods("other", "Other", "다른 것")
    assert [c.slug for c in listing("en", "USD", category="food", sort="price").cards] == ["cheap", "dear"]
    assert [c.slug for c in listing("en", "USD", category="food", sort="-price").cards] == ["dear", "cheap"]
    assert [c.slug for c in listing("en", "USD", category="food", in_stock=True).cards] == ["cheap"]
    page = client.get("/products/?category=food").content.decode()
    assert "Other" not in page.split('id="goods"')[1]
    assert "Sold out" in page


def test_the_same_draft_twice_changes_nothing():
    draft = Draft("tea", {"en": TextDraft("Tea")}, [VariantDraft("T-1", {"USD": PriceDraft(Decimal("3.00"))})])
    assert put(draft)[1] is True
    assert put(draft)[1] is False


def test_a_draft_is_not_for_sale_before_it_is_shown(client):
    product = goods("barley-tea", "Barley Tea", "보리차")
    product.status = Product.Status.DRAFT
    product.save()
    assert client.get("/products/barley-tea/").status_code == 404
    assert found("barley") == []


def test_htmx_gets_the_goods_alone_and_the_caches_are_told(client):
    goods("barley-tea", "Barley Tea", "보리차")
    response = client.get("/products/", headers={"HX-Request": "true", "HX-Target": "goods"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=99999999999999", "?page=x", "?sort=drop", "?category=%00", "?category=../..", "?page=1&page=2",
     "?in_stock=%F0%9F%90%9F", "?q=%00", "?q=" + "a" * 5000, "?q=%27%3B--", "?q=:*%26|!()"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/products/", "/search/"])
def test_whatever_is_typed_into_the_address_gets_a_page(client, path, query):
    goods("barley-tea", "Barley Tea", "보리차")
    assert client.get(path + query).status_code == 200


def test_the_api_reads_what_the_pages_show_and_names_what_is_wrong(client):
    goods("barley-tea", "Barley Tea", "보리차", price="12.50")
    body = client.get("/api/v1/products/", headers={"Accept-Language": "ko"}).json()
    assert body["results"][0]["name"] == "보리차"
    assert body["results"][0]["price"] == {"amount": "12500.00", "currency": "KRW"}
    one = client.get("/api/v1/products/barley-tea/?currency=USD").json()
    assert one["variants"][0]["price"]["amount"] == "12.50"
    wrong = client.get("/api/v1/products/?page=-1&currency=XYZ")
    assert wrong.status_code == 400
    assert wrong["Content-Type"].startswith("application/problem+json")
    assert {e["field"] for e in wrong.json()["errors"]} == {"/page", "/currency"}
    assert client.get("/api/v1/products/nothing/").status_code == 404
    assert client.post("/api/v1/products/", {}).status_code == 405
    assert client.get(reverse("schema")).status_code == 200


class TestPages:
    """A page of goods comes with the number of all, whichever page is asked for and however it is sorted or searched."""

    @pytest.fixture(autouse=True)
    def shelf(self) -> None:
        for number in range(PER_PAGE + 6):
            goods(f"tea-{number:02d}", f"Tea {number}", f"차 {number}", price=f"{number + 1}.00", stock=number % 3)

    @pytest.mark.parametrize(
        "asked", [{}, {"text": "tea"}, {"sort": "price"}, {"sort": "-price", "text": "tea"}], ids=str
    )
    @pytest.mark.parametrize(("page", "shown"), [(1, PER_PAGE), (2, 6), (9, 6), (0, PER_PAGE)])
    def test_know_how_many_there_are(self, asked: dict[str, str], page: int, shown: int) -> None:
        there = listing("en", "USD", page=page, **asked)
        assert (len(there.cards), there.page.paginator.count, there.page.paginator.num_pages) == (
            shown,
            PER_PAGE + 6,
            2,
        )

    def test_are_one_statement(self, django_assert_num_queries: Any) -> None:
        listing("en", "USD")
        for asked in ({}, {"page": 2}, {"text": "tea"}, {"in_stock": True}, {"sort": "price"}):
            with django_assert_num_queries(1):
                listing("en", "USD", **asked)

    def test_leave_out_what_is_sold_out_when_asked_to_and_know_what_ran_out_of_its_hold(self) -> None:
        assert listing("en", "USD", in_stock=True).page.paginator.count == 20
        one = Variant.objects.get(sku="TEA-00")
        Variant.objects.filter(pk=one.pk).update(stock=2)
        with transaction.atomic():
            assert not hold({one.pk: 2}, key=uuid4(), held_for=timedelta(hours=1))
        assert listing("en", "USD", in_stock=True).page.paginator.count == 20
        Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        back = listing("en", "USD", in_stock=True, sort="price").cards
        assert len(back) == 21
        assert (back[0].slug, back[0].in_stock) == ("tea-00", True)

    def test_do_not_show_what_has_no_price_in_the_currency(self) -> None:
        Price.objects.filter(variant__sku="TEA-01", currency="USD").delete()
        there = listing("en", "USD")
        assert there.page.paginator.count == PER_PAGE + 5
        assert listing("ko", "KRW").page.paginator.count == PER_PAGE + 6

    def test_show_a_price_that_changed_at_once(self) -> None:
        assert listing("en", "USD", sort="price").cards[0].price == Money("1.00", "USD")
        Price.objects.filter(variant__sku="TEA-00", currency="USD").update(amount=Decimal("0.50"))
        assert listing("en", "USD", sort="price").cards[0].price == Money("0.50", "USD")
