"""cookies.individual: the store tailors itself to likes and dislikes, in the browser alone and with permission only."""

import pytest
from django.test import Client

from cookies import preferences, question
from tests.orders.conftest import open_store, provider, store  # noqa: F401, fixtures
from tests.orders.shop import variant

pytestmark = pytest.mark.usefixtures("store")


def permit(browser: Client, *groups: str) -> None:
    sent = {"notice": question.token(), "cookie_groups": groups or ["preferences"], "choice": "true"}
    assert browser.post("/cookies/choose/", sent).status_code == 302


@pytest.fixture
def willing() -> Client:
    browser = Client()
    permit(browser)
    return browser


def looks_at(browser: Client, *skus: str) -> None:
    for sku in skus:
        assert browser.get(f"/products/{sku.lower()}/").status_code == 200


def viewed(browser: Client) -> list[str]:
    return [card.slug for card in browser.get("/").context["viewed_goods"]]


def test_goods_looked_at_come_back_on_the_front_page_the_latest_first(willing):
    for number in range(8):
        variant(f"TEA-{number}")
    looks_at(willing, *(f"TEA-{n}" for n in range(8)), "TEA-2")
    assert viewed(willing) == ["tea-2", "tea-7", "tea-6", "tea-5", "tea-4", "tea-3"]
    assert b"You looked at" in willing.get("/").content


@pytest.mark.parametrize("groups", [None, ["traffic_log"]])
def test_without_this_permission_nothing_is_remembered(groups):
    browser = Client()
    if groups:
        permit(browser, *groups)
    variant("TEA-1")
    looks_at(browser, "TEA-1")
    browser.post("/preferences/", {"currency": "", "interests": []})
    assert preferences.COOKIE not in browser.cookies
    assert viewed(browser) == []


def test_taking_the_permission_back_takes_the_memory_with_it(willing):
    variant("TEA-1")
    looks_at(willing, "TEA-1")
    assert willing.cookies[preferences.COOKIE].value
    willing.post("/cookies/decline/", {"notice": question.token(), "all_groups": "true"})
    assert willing.cookies[preferences.COOKIE].value == ""
    assert viewed(willing) == []


def test_goods_that_are_gone_are_left_out(willing):
    sold = variant("TEA-1").product
    looks_at(willing, "TEA-1")
    sold.status = sold.Status.DRAFT
    sold.save()
    assert viewed(willing) == []


def test_a_currency_is_remembered_by_who_permits_it(willing):
    variant("TEA-1", price="12.50")
    assert willing.post("/preferences/", {"currency": "KRW"}).status_code == 302
    assert "₩12,500" in willing.get("/products/tea-1/").content.decode()
    assert "sessionid" not in willing.cookies
    other_visit = Client()
    other_visit.cookies = willing.cookies
    assert "₩12,500" in other_visit.get("/products/tea-1/").content.decode()


def test_who_declined_chooses_a_currency_for_the_visit_all_the_same():
    variant("TEA-1", price="12.50")
    browser = Client()
    browser.post("/cookies/decline/", {"notice": question.token(), "all_groups": "true"})
    assert "$12.50" in browser.get("/products/tea-1/").content.decode()
    page = browser.post("/preferences/", {"currency": "KRW"}, follow=True)
    assert b"for this visit" in page.content
    assert "₩12,500" in browser.get("/products/tea-1/").content.decode()
    assert browser.cookies["sessionid"]["max-age"] == ""
    assert preferences.COOKIE not in browser.cookies


def test_the_language_of_the_last_visit_greets_who_comes_from_elsewhere(willing):
    willing.get("/ko/")
    assert willing.get("/").headers["Location"] == "/ko/"
    from_our_own_page = willing.get("/", headers={"Referer": "http://testserver/ko/"})
    assert from_our_own_page.status_code == 200
    assert willing.get("/").status_code == 200


def test_shelves_that_are_liked_come_first(willing):
    shelves = willing.get("/").context["navigation"]
    if len(shelves) < 2:
        from catalogue.models import Category

        for slug in ("tea", "paper", "clay"):
            Category.objects.create(slug=slug, position=1)
        from django.core.cache import cache

        cache.clear()
        shelves = willing.get("/").context["navigation"]
    last = shelves[-1]["slug"]
    willing.post("/preferences/", {"interests": [last]})
    assert willing.get("/").context["liked_first"][0]["slug"] == last


def test_everything_is_forgotten_on_request(willing):
    variant("TEA-1")
    looks_at(willing, "TEA-1")
    willing.post("/preferences/", {"forget": "1"})
    assert viewed(willing) == []


@pytest.mark.parametrize("damage", ["x", "", "W10=", "AAAA", "é"])
def test_a_damaged_or_forged_cookie_is_none(willing, damage):
    variant("TEA-1")
    looks_at(willing, "TEA-1")
    willing.cookies[preferences.COOKIE] = damage
    assert willing.get("/").status_code == 200
    assert viewed(willing) == []


def test_a_strange_answer_is_refused_with_a_sentence(willing):
    page = willing.post("/preferences/", {"currency": "XXX", "interests": ["nothing"]})
    assert page.status_code == 422
    assert b"valid choice" in page.content


def test_the_front_page_stays_within_its_statements(willing, django_assert_max_num_queries):
    for number in range(6):
        variant(f"TEA-{number}")
    looks_at(willing, *(f"TEA-{n}" for n in range(6)))
    willing.get("/")
    with django_assert_max_num_queries(5):
        assert len(viewed(willing)) == 6
