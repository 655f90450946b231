"""Beside a reduced price stands the lowest one of the 30 days before it, whoever changed the price and however."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.domain import search
from catalogue.domain.products import Draft, PriceDraft, TextDraft, VariantDraft, put
from catalogue.models import Price, PriceHistory, Variant
from tests.orders.shop import variant

pytestmark = pytest.mark.django_db

D = Decimal
LISTING, PRODUCT = 3, 4


def usd(tea: Variant) -> Price:
    return Price.objects.get(variant=tea, currency="USD")


def passed(tea: Variant, days: float) -> None:
    """So many days go by."""
    PriceHistory.objects.filter(variant=tea).update(since=F("since") - timedelta(days=days))


def past(tea: Variant) -> list[tuple[Decimal, bool]]:
    rows = PriceHistory.objects.filter(variant=tea, currency="USD").order_by("since")
    return list(rows.values_list("amount", "reduced"))


def reduce(tea: Variant, to: str, before: str = "30.00") -> Decimal | None:
    Price.objects.filter(variant=tea, currency="USD").update(amount=D(to), compare_at=D(before))
    return usd(tea).lowest_before


def test_every_road_to_a_price_leaves_its_trace() -> None:
    tea = variant("TEA", price="20.00")
    assert past(tea) == [(D(20), False)]
    passed(tea, 10)
    price = usd(tea)
    price.amount = D("18.00")
    price.save()
    passed(tea, 10)
    Price.objects.filter(pk=price.pk).update(amount=D("17.00"), compare_at=D("20.00"))
    passed(tea, 10)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_price SET amount = 16, compare_at = NULL WHERE id = %s", [price.pk])
    passed(tea, 10)
    variants = [VariantDraft(sku="TEA", prices={"USD": PriceDraft(D("15.00"))}, stock=3)]
    put(Draft(slug="tea", texts={"en": TextDraft("Tea")}, variants=variants))
    assert past(tea) == [(D(20), False), (D(18), False), (D(17), True), (D(16), False), (D(15), False)]


def test_what_is_saved_without_a_new_price_leaves_none() -> None:
    tea = variant("TEA", price="20.00")
    passed(tea, 5)
    price = usd(tea)
    price.save()
    Price.objects.filter(pk=price.pk).update(currency="USD")
    assert past(tea) == [(D(20), False)]


def test_the_lowest_price_is_of_the_30_days_before_the_reduction_and_of_no_others() -> None:
    tea = variant("TEA", price="12.00")
    passed(tea, 20)
    Price.objects.filter(variant=tea, currency="USD").update(amount=D("25.00"))
    passed(tea, 31)
    Price.objects.filter(variant=tea, currency="USD").update(amount=D("28.00"))
    passed(tea, 10)
    # 12.00 ended 41 days ago; 25.00 began before the 30 days and still stood in them.
    assert reduce(tea, "22.00") == D("25.00")
    passed(tea, 3)
    assert usd(tea).lowest_before == D("25.00"), "it does not move while the reduction lasts"


@pytest.mark.parametrize(("ended", "lowest"), [(29.9, "12.00"), (30.1, "25.00")])
def test_the_30_days_are_30(ended: float, lowest: str) -> None:
    """A lower price counts as long as its last day lies in them, and no longer."""
    tea = variant("TEA", price="12.00")
    passed(tea, 40)
    Price.objects.filter(variant=tea, currency="USD").update(amount=D("25.00"))
    passed(tea, ended)
    assert reduce(tea, "20.00") == D(lowest)


def test_a_second_reduction_is_measured_against_the_first() -> None:
    tea = variant("TEA", price="30.00")
    passed(tea, 40)
    assert reduce(tea, "25.00") == D("30.00")
    passed(tea, 5)
    assert reduce(tea, "20.00") == D("25.00")


def test_a_price_that_was_raised_to_be_reduced_shows_what_it_was() -> None:
    tea = variant("TEA", price="19.00")
    passed(tea, 20)
    Price.objects.filter(variant=tea, currency="USD").update(amount=D("30.00"))
    passed(tea, 2)
    assert reduce(tea, "20.00") == D("19.00")


def test_announcing_a_reduction_without_lowering_the_price_shows_that_it_is_none() -> None:
    tea = variant("TEA", price="20.00")
    passed(tea, 40)
    assert reduce(tea, "20.00") == D("20.00")


def test_what_was_never_sold_before_has_no_price_before() -> None:
    assert reduce(variant("TEA", price="20.00"), "18.00") is None


def test_nobody_sets_it_by_hand() -> None:
    tea = variant("TEA", price="20.00")
    passed(tea, 40)
    assert reduce(tea, "15.00") == D("20.00")
    Price.objects.filter(variant=tea).update(lowest_before=D("99.00"))
    assert usd(tea).lowest_before == D("20.00")
    price = usd(tea)
    price.lowest_before = None
    price.save()
    assert usd(tea).lowest_before == D("20.00")


@pytest.mark.parametrize(
    ("path", "words", "most"),
    [
        ("/products/", "Lowest price of the 30 days before: $20.00", LISTING),
        ("/products/tea/", "Lowest price of the 30 days before: $20.00", PRODUCT),
        ("/search/?q=tea", "Lowest price of the 30 days before: $20.00", PRODUCT),
        ("/", "Lowest price of the 30 days before: $20.00", LISTING),
    ],
)
def test_it_stands_beside_the_reduced_price_and_costs_no_statement(path: str, words: str, most: int) -> None:
    tea = variant("TEA", price="20.00")
    tea.product.featured = True
    tea.product.save()
    search.index([tea.product_id])
    plain = Client().get(path)
    assert "Lowest price" not in plain.content.decode()
    passed(tea, 40)
    reduce(tea, "15.00")
    with CaptureQueriesContext(connection) as queries:
        shown = " ".join(Client().get(path).content.decode().split())
    assert words in shown
    assert len(queries) <= most, [q["sql"][:100] for q in queries]


@pytest.mark.parametrize("path", ["/api/v1/products/", "/api/v1/products/tea/"])
def test_the_api_tells_it_too(client: Client, path: str) -> None:
    tea = variant("TEA", price="20.00")
    passed(tea, 40)
    reduce(tea, "15.00")
    told: dict[str, Any] = client.get(path, {"currency": "USD"}).json()
    (goods,) = told.get("results") or told["variants"]
    assert goods["lowest_before"] == {"amount": "20.00", "currency": "USD"}


def test_the_reduced_goods_of_the_sample_have_a_past() -> None:
    call_command("load_sample_catalogue")
    reduced = Price.objects.exclude(compare_at=None)
    assert reduced.exists()
    assert not reduced.exclude(lowest_before=F("compare_at")).exists()
    assert not PriceHistory.objects.filter(since__gt=Now()).exists()
