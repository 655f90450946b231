"""A public page is made once for many; nothing of one visitor reaches another, and nothing personal is ever kept."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue.models import Price, Review
from kmall24.caching.layers import Near, Shared
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import answers, fill_basket, hidden, variant

PUBLIC = ["/", "/products/", "/products/tea-1/", "/search/?q=tea", "/ko/products/"]
PERSONAL = [
    *("/basket/", "/checkout/", "/accounts/", "/accounts/addresses/", "/accounts/profile/", "/privacy/", "/orders/"),
    *("/orders/history/", "/cookies/", "/preferences/", "/accounts/login/", "/accounts/signup/", "/privacy/write/"),
]
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(params=["near", "shared"])
def layer(request: Any, settings: Any, valkey: Any) -> str:
    settings.PAGE_CACHE_SECONDS, settings.PAGE_CACHE_LAYERS = 30, [request.param]
    return request.param


@pytest.fixture
def shared(settings: Any, valkey: Any) -> Callable[[], list[bytes]]:
    """The shared layer alone, and a look into it."""
    settings.PAGE_CACHE_SECONDS, settings.PAGE_CACHE_LAYERS = 30, ["shared"]
    return lambda: [name for name in valkey.scan_iter("*") if not name.startswith(b"page:count:")]


def browser(**headers: str) -> Client:
    return Client(enforce_csrf_checks=True, headers=headers)


def sql_of(one: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert one.get(path).status_code == 200
    return len(queries)


class Front:
    """Several browsers before one server process."""

    def __init__(self) -> None:
        self._handler = Client(enforce_csrf_checks=True).handler

    def browser(self, **headers: str) -> Client:
        one = browser(**headers)
        one.handler = self._handler
        return one


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.parametrize("path", PUBLIC)
def test_a_second_anonymous_visitor_costs_no_sql(layer: str, front: Front, path: str) -> None:
    variant()
    first = front.browser()
    first.get(path)
    assert sql_of(front.browser(), path) == 0


@pytest.mark.parametrize("path", PUBLIC)
def test_a_kept_page_is_the_page_but_for_its_proofs(layer: str, front: Front, path: str, settings: Any) -> None:
    variant()
    pages = [front.browser().get(path) for _ in range(2)]
    settings.PAGE_CACHE_SECONDS = 0
    pages.append(Client().get(path))
    proofs = re.compile(rb'name="(?:csrfmiddlewaretoken|notice)" value="[^"]*"')
    assert len({proofs.sub(b"", page.content) for page in pages}) == 1
    kept, fresh = pages[1], pages[2]
    for name in ("Content-Type", "Content-Language", "Vary", "X-Frame-Options", "Content-Security-Policy"):
        assert kept.headers.get(name) == fresh.headers.get(name), name
    assert {"Cookie", "Sec-GPC"} <= {part.strip() for part in kept.headers["Vary"].split(",")}


def test_each_visitor_has_a_token_of_their_own_and_can_send_the_form(layer: str, front: Front) -> None:
    tea = variant()
    first, second = front.browser(), front.browser()
    pages = [one.get("/products/tea-1/").content for one in (first, second)]
    tokens = [hidden(page, "csrfmiddlewaretoken") for page in pages]
    assert tokens[0] != tokens[1]
    assert first.cookies["csrftoken"].value != second.cookies["csrftoken"].value
    sent = {"variant": tea.pk, "csrfmiddlewaretoken": tokens[1]}
    # What the first was given opens nothing for the second.
    assert second.post("/basket/add/", sent | {"csrfmiddlewaretoken": tokens[0]}).status_code == 403
    assert second.post("/basket/add/", sent).status_code == 303


def test_the_question_about_cookies_says_when_it_was_shown_to_this_visitor(layer: str, front: Front) -> None:
    front.browser().get("/products/")
    shown = [hidden(front.browser().get("/products/").content, "notice") for _ in range(2)]
    from cookies import question

    assert all(question.shown(token) for token in shown)


def test_who_answered_the_question_is_not_asked_again_by_a_kept_page(layer: str, front: Front) -> None:
    asked, quiet = front.browser(), front.browser(**{"Sec-GPC": "1"})
    for one in (asked, quiet, asked, quiet):
        page = one.get("/products/")
        assert (b'name="notice"' in page.content) == (one is asked)


def test_languages_currencies_and_pieces_of_pages_are_kept_apart(layer: str, front: Front) -> None:
    variant()
    for _ in range(2):
        assert "$12.50" in front.browser().get("/products/").content.decode()
        assert "₩12,500" in front.browser().get("/ko/products/").content.decode()
        goods = front.browser(**{"HX-Request": "true", "HX-Target": "goods"}).get("/products/").content
        assert b"<html" not in goods
        assert b'id="goods"' in goods
        assert b"<html" in front.browser().get("/products/").content


def test_a_change_of_price_is_seen_when_the_page_is_old(
    layer: str, front: Front, settings: Any, monkeypatch: Any
) -> None:
    import time

    tea = variant()
    front.browser().get("/products/")
    Price.objects.filter(variant=tea, currency="USD").update(amount=7)
    assert b"$12.50" in front.browser().get("/products/").content
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + settings.PAGE_CACHE_SECONDS + 1)
    assert b"$7.00" in front.browser().get("/products/").content


class TestNothingPersonalIsKept:
    def test_pages_of_somebody_with_a_basket_are_made_for_them_alone(self, shared: Any, front: Front) -> None:
        tea, one = variant(), front.browser()
        page = one.get("/products/tea-1/").content
        kept = shared()
        one.post("/basket/add/", {"variant": tea.pk, "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken")})
        for path in PUBLIC:
            assert b"icon-button__count" in one.get(path).content
        assert shared() == kept
        assert b"icon-button__count" not in front.browser().get("/products/tea-1/").content

    @pytest.mark.parametrize("path", PERSONAL)
    def test_a_personal_page_is_never_stored(self, shared: Any, path: str, django_user_model: Any) -> None:
        guest, member = Client(), Client()
        fill_basket(guest, variant())
        member.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        for one in (guest, member, Client()):
            one.get(path)
            one.get("/ko" + path)
        assert shared() == []

    def test_an_order_and_its_pages_are_never_stored(self, shared: Any, provider: Any) -> None:  # noqa: F811
        guest = Client()
        fill_basket(guest, variant())
        where = guest.post("/checkout/", answers(guest))["Location"].partition("?")[0]
        number = where.strip("/").rsplit("/", 1)[1]
        for path in (where, f"/checkout/return/{number}/", f"/orders/{number}/", f"/checkout/thank-you/{number}/"):
            guest.get(path)
        assert shared() == []

    @pytest.mark.parametrize("path", PUBLIC)
    def test_a_public_page_seen_by_a_member_is_not_stored(self, shared: Any, path: str, django_user_model: Any) -> None:
        variant()
        member = Client()
        member.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        member.get(path)
        assert shared() == []

    def test_a_cookie_that_the_store_does_not_know_makes_a_page_of_its_own(self, shared: Any) -> None:
        one = Client()
        one.cookies["something"] = "else"
        one.get("/products/")
        assert shared() == []

    def test_a_page_with_reviews_on_it_stays_in_the_process(self, shared: Any, monkeypatch: Any) -> None:
        from catalogue import views

        variant()
        asked = views.queries.product_page
        said = Review(rating=5, title="Good tea", body="I drank it.", author_name="Mina Kim", written_at=timezone.now())
        said.pictures = []
        monkeypatch.setattr(
            views.queries, "product_page", lambda *about: dataclasses.replace(asked(*about), reviews=[said])
        )
        assert b"I drank it." in Client().get("/products/tea-1/").content
        assert shared() == []

    def test_what_was_searched_for_is_not_readable_in_valkey(self, shared: Any, valkey: Any) -> None:
        Client().get("/search/?q=kimjiyoung")
        (name,) = shared()
        assert b"kimjiyoung" not in name + valkey.get(name)
        assert b"<html" not in valkey.get(name)


class TestValkey:
    def test_a_page_that_somebody_bent_is_passed_over(self, shared: Any, valkey: Any) -> None:
        Client().get("/products/")
        (name,) = shared()
        valkey.set(name, valkey.get(name)[:-1] + b"x")
        assert sql_of(Client(), "/products/") > 0

    def test_a_page_under_the_name_of_another_is_passed_over(self, shared: Any, valkey: Any) -> None:
        Client().get("/products/")
        (name,) = shared()
        Client().get("/ko/products/")
        (other,) = set(shared()) - {name}
        valkey.set(name, valkey.get(other))
        assert b'lang="en"' in Client().get("/products/").content

    def test_a_valkey_that_is_gone_costs_nobody_a_page(self, shared: Any, settings: Any) -> None:
        from kmall24.caching import layers

        settings.REDIS_URL = "unix:///nowhere/valkey.sock"
        layers._valkey.cache_clear()
        try:
            assert Client().get("/products/").status_code == 200
        finally:
            layers._valkey.cache_clear()

    def test_many_addresses_fill_no_memory(self, shared: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(Shared, "MOST", 3)
        for number in range(6):
            Client().get(f"/products/?page={number}")
        assert len(shared()) == 3


def test_the_process_keeps_so_many_pages_and_no_more(monkeypatch: Any) -> None:
    monkeypatch.setattr(Near, "MOST", 2)
    near = Near()
    for name in "abc":
        near.put(name, name)  # type: ignore[arg-type]
    assert [near.get(name) for name in "abc"] == [None, "b", "c"]


def test_without_seconds_there_is_no_cache() -> None:
    assert settings.PAGE_CACHE_SECONDS == 0
    assert sql_of(Client(), "/products/") > 0
    assert sql_of(Client(), "/products/") > 0
