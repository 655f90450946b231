"""What a page costs the database: the same for five products and for sixty, for one line and for twenty."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import BasketLine, Order
from privacy.models import ConsentEvent
from tests.orders.conftest import open_store, provider, store  # noqa: F401, fixtures
from tests.orders.shop import answers, fill_basket, variant

PAGE = 4
ADD_TO_BASKET = 8
PLACE_AN_ORDER = 24


def cost(most: int, what: str, queries: CaptureQueriesContext) -> int:
    told = "\n".join(query["sql"][:140] for query in queries)
    assert len(queries) <= most, f"{what}: {len(queries)} statements, {most} at most\n{told}"
    return len(queries)


def look(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(path)
    assert response.status_code == 200, path
    return cost(PAGE, path, queries)


def goods(number: int) -> list:
    return [variant(f"TEA-{n}") for n in range(1, number + 1)]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "path", ["/", "/products/", "/products/?sort=price&in_stock=1", "/products/tea-1/", "/search/?q=tea"]
)
@pytest.mark.parametrize("prefix", ["", "/ko"])
def test_a_page_of_goods_takes_at_most_4_sql_whatever_there_is_to_sell(path: str, prefix: str) -> None:
    goods(5)
    few = look(Client(), prefix + path)
    for n in range(6, 61):
        variant(f"TEA-{n}")
    page = Client().get("/products/")
    assert page.context["found"].page.paginator.count == 60
    assert look(Client(), prefix + path) <= few


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("number", [5, 60])
def test_the_second_page_of_the_shelves_costs_no_more(number: int) -> None:
    goods(number)
    assert look(Client(), "/products/?page=2") <= PAGE


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("path", ["/basket/", "/", "/products/", "/products/tea-1/", "/search/?q=tea", "/search/"])
def test_a_visitor_with_a_basket_pays_no_more_for_the_badge(path: str) -> None:
    (first, *others), browser = goods(20), Client()
    fill_basket(browser, first)
    browser.get("/basket/")  # takes away the message of the last change
    one = look(browser, path)
    fill_basket(browser, *others)
    assert BasketLine.objects.count() == 20
    browser.get("/basket/")
    assert look(browser, path) <= one


@pytest.mark.usefixtures("store")
def test_an_empty_basket_takes_at_most_4_sql() -> None:
    assert look(Client(), "/basket/") <= PAGE


@pytest.mark.usefixtures("open_store")
@pytest.mark.parametrize("lines", [0, 1, 20])
@pytest.mark.parametrize("again", [False, True])
def test_adding_to_the_basket_takes_at_most_8_sql(lines: int, again: bool) -> None:
    """Transaction control counts; the answer to a browser without a script is a redirection."""
    browser, one = Client(), variant("ONE")
    fill_basket(browser, *goods(lines), *([one] if again else []))
    for headers in ({}, {"HX-Request": "true", "HX-Target": "added"}):
        with CaptureQueriesContext(connection) as queries:
            response = browser.post("/basket/add/", {"variant": one.pk, "quantity": 1}, headers=headers)
        assert response.status_code == (200 if headers else 303)
        cost(ADD_TO_BASKET, "adding", queries)


@pytest.mark.usefixtures("open_store")
@pytest.mark.parametrize("opted_out", [False, True])
@pytest.mark.parametrize("with_session", [False, True])
def test_placing_an_order_takes_at_most_24_sql_whatever_is_bought(opted_out: bool, with_session: bool) -> None:
    box = {"no_marketing": "on"} if opted_out else {}
    browser, counts = Client(), []
    for lines in (1, 20):
        if not with_session:
            browser = Client()
        fill_basket(browser, *(variant(f"SKU-{lines}-{n}") for n in range(lines)))
        sent = answers(browser, **box)
        with CaptureQueriesContext(connection) as queries:
            assert browser.post("/checkout/", sent).status_code == 303
        counts.append(cost(PLACE_AN_ORDER, f"placing {lines}", queries))
        order = Order.objects.latest("pk")
        assert order.lines.count() == lines
        assert order.contact.collection.surface == "web.checkout"
        assert ConsentEvent.objects.filter(subject=order.subject).exists() == opted_out
    # A guest whom the session knows is looked up; goods are not counted.
    assert counts[1] <= counts[0] + 2


def test_a_budget_that_is_broken_names_its_statements(db: None) -> None:
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        for _ in range(PAGE + 1):
            cursor.execute("SELECT 24 AS planted")
    with pytest.raises(AssertionError, match="SELECT 24 AS planted"):
        cost(PAGE, "a page", queries)
