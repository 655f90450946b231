"""A real browser walks every page, signs up, buys and looks at its account: before an answer, after a no and after a yes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from catalogue.domain import reviews
from catalogue.models import Review
from cookies.inventory import GROUPS, cookies, group_of
from orders.models import Order
from tests.orders.shop import ADDRESS, variant
from tests.support.browser import NEEDS_BROWSER
from tests.support.shopping import pay_by_card, to_the_provider
from tests.support.walk import pages_for

pytestmark = [pytest.mark.browser, NEEDS_BROWSER]

PASSWORD = "a long password for a shopper"
DAYS = {"1 year": 366, "14 days": 14, "30 days": 30, "until you close the browser": 0}
NOTHING = {"local": [], "session": [], "databases": [], "caches": [], "workers": 0}


@pytest.fixture
def owner(transactional_db: None, django_user_model: type[User]) -> User:
    account = django_user_model.objects.create_user("mina@example.com", PASSWORD)
    EmailAddress.objects.update(verified=True)
    cache.clear()
    return account


class Walker:
    """Opens pages one after the other, and keeps what the browser held after each."""

    def __init__(self, visitor: Any, shop: str) -> None:
        self.visitor, self.shop = visitor, shop
        self.page = visitor.page
        self.page.set_default_timeout(60_000)
        self.held: dict[str, dict[str, Any]] = {}
        self.opened = 0

    def see(self) -> None:
        """Note every cookie that is there now, by its name and the page on which it was first seen."""
        for cookie in self.visitor.context.cookies():
            self.held.setdefault(cookie["name"], {**cookie, "first_seen": self.page.url})
        assert self.visitor.stored() == NOTHING, self.page.url

    def open(self, *addresses: str) -> None:
        for address in addresses:
            answer = self.page.goto(self.shop + address)
            assert answer.status == 200, address
            assert self.page.locator("footer a[href$='/cookies/']").count(), f"{address}: no way to the question"
            self.opened += 1
            self.see()

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.see()

    def answer(self, button: str) -> None:
        self.open("/")
        self.page.locator("#cookie-banner").get_by_role("button", name=button).click()
        self.page.locator("#cookie-banner").wait_for(state="detached")
        self.see()

    def sign_up(self) -> None:
        self.open("/accounts/signup/")
        for name, value in (("email", "new@example.com"), ("password1", PASSWORD), ("name", "Lee Jisoo")):
            self.page.locator(f"main [name={name}]").fill(value)
        self.press("main form button")

    def sign_in(self) -> None:
        self.open("/accounts/login/")
        self.page.locator("main [name=login]").fill("mina@example.com")
        self.page.locator("main [name=password]").fill(PASSWORD)
        self.press("main form button")

    def buy(self, sandbox: Any) -> Order:
        to_the_provider(self.page, self.shop, sandbox)
        pay_by_card(self.page, "4242424242424242")
        self.page.wait_for_url(f"{self.shop}/checkout/thank-you/**")
        self.see()
        return Order.objects.latest("pk")


@pytest.mark.parametrize("button", [None, "Decline all", "Accept all"])
def test_nothing_is_found_that_the_cookie_page_does_not_name(shop, payment_sandbox, visit, owner, button):
    tea = variant(stock=5)
    anybody, signed_in = Client(), Client()
    signed_in.force_login(owner)
    open_pages, own_pages = pages_for(anybody), pages_for(signed_in)
    assert {"/", "/products/", "/privacy/", "/cookies/", "/accounts/signup/", "/preferences/"} <= set(open_pages)
    assert {"/accounts/", "/accounts/addresses/add/", "/preferences/interests/", "/orders/history/"} <= set(own_pages)

    walker = Walker(visit(), shop)
    if button:
        walker.answer(button)
    walker.open(*open_pages, "/products/tea-1/", "/search/?q=tea", "/ko/")
    walker.sign_up()
    walker.sign_in()
    order = walker.buy(payment_sandbox)
    assert order.state == Order.State.PAID
    walker.open(*(page for page in own_pages if page not in open_pages or page.startswith("/accounts/")))
    walker.open(f"/orders/{order.number}/", f"/orders/{order.number}/cancel/", f"/orders/{order.number}/return/")
    walker.open(f"/orders/{order.number}/review/tea-1/")
    walker.page.locator("main [name=rating][value='5']").check()
    walker.page.locator("main [name=body]").fill("Smells of spring.")
    walker.page.locator("main [name=author_name]").fill(ADDRESS["recipient"])
    walker.press("main form .button--primary")
    reviews.show(Review.objects.filter(product=tea.product))
    walker.open("/products/tea-1/")

    permitted = {"essential", *(group.key for group in GROUPS if group.optional and button == "Accept all")}
    assert {name: held["first_seen"] for name, held in walker.held.items() if group_of(name) not in permitted} == {}
    _hold_the_cookie_page_against(walker)
    assert walker.visitor.elsewhere(shop, payment_sandbox.url) == []
    assert walker.visitor.complaints == []
    optional = {name for name in walker.held if group_of(name) != "essential"}
    assert optional == ({"traffic_log", "pref_shop"} if button == "Accept all" else set())


# The store's own script refuses to keep anything in this window, but a frame has one of its own.
WINDOW = "document.body.appendChild(document.createElement('iframe')).contentWindow"
PLANTS = {
    "a cookie": "document.cookie = 'planted=1'",
    "local storage": f"{WINDOW}.localStorage.setItem('planted', '1')",
    "session storage": f"{WINDOW}.sessionStorage.setItem('planted', '1')",
    "a database": "new Promise(done => { indexedDB.open('planted').onsuccess = done })",
    "a cache": "caches.open('planted')",
    "a request to elsewhere": "new Promise(done => { new Image().src = 'http://127.0.0.9:9/planted'; setTimeout(done, 300) })",
}


@pytest.mark.parametrize("plant", PLANTS)
def test_the_walk_would_find(shop, visit, plant):
    walker = Walker(visit(bypass_csp=True), shop)
    walker.open("/")
    assert walker.visitor.elsewhere(shop) == []
    walker.page.evaluate(f"() => {PLANTS[plant]}" if "Promise" in PLANTS[plant] else f"() => {{ {PLANTS[plant]} }}")
    try:
        walker.open("/products/")
    except AssertionError:
        return
    assert walker.visitor.elsewhere(shop) or {name for name in walker.held if group_of(name) is None}


def test_the_walk_finds_what_htmx_keeps_where_nobody_stops_it(shop, visit):
    walker = Walker(visit(), shop)
    walker.page.route("**/quiet*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    with pytest.raises(AssertionError, match="htmx"):
        walker.open("/")


def _hold_the_cookie_page_against(walker: Walker) -> None:
    """Each cookie that the browser held stands there, in its group, with its purpose, and lives no longer than is said."""
    walker.open("/cookies/")
    told = {}
    for group in GROUPS:
        for row in walker.page.locator(f"section[aria-labelledby='cookies-{group.key}'] tbody tr").all():
            name, purpose, lifetime = (cell.inner_text().strip() for cell in row.locator("th, td").all())
            told[name] = (group.key, purpose, lifetime)
    assert set(told) == {cookie.shown_name for cookie in cookies()}
    for name, held in walker.held.items():
        declared = next(cookie for cookie in cookies() if cookie.is_named(name))
        group, purpose, lifetime = told[declared.shown_name]
        assert group == group_of(name)
        assert purpose == str(declared.purpose)
        lives = held["expires"] - time.time() if held["expires"] > 0 else 0
        assert lives <= DAYS[lifetime] * 24 * 3600, f"{name} lives longer than the page says"
        assert held["httpOnly"] is declared.http_only, name
        assert held["sameSite"] in ("Lax", "Strict"), name
