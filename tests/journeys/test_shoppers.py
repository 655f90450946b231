"""Whole visits in a real browser: one declines cookies and buys, one accepts and is counted, and what each leaves behind."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.conf import settings as store

from cookies.inventory import GROUPS
from cookies.models import HourlyCount, PurgeCertificate
from cookies.tasks import aggregate_traffic
from cookies.traffic.buffer import hits
from orders.models import DeliveryAddress, Order, OrderContact
from privacy.models import Collection, ConsentEvent
from privacy.permission import may_contact
from tests.orders.shop import variant
from tests.support.browser import NEEDS_BROWSER
from tests.support.shopping import pay_by_card, to_the_provider

pytestmark = [pytest.mark.browser, NEEDS_BROWSER]

PAGES = [
    "/",
    "/products/",
    "/products/tea-1/",
    "/search/?q=tea",
    "/privacy/policy/",
    "/privacy/",
    "/cookies/",
    "/accounts/login/",
]


def browse(visitor: Any, shop: str) -> None:
    for path in PAGES:
        assert visitor.page.goto(f"{shop}{path}").status == 200, path


def declared(required_only: bool = False) -> set[str]:
    return {cookie.name for group in GROUPS if not (group.optional and required_only) for cookie in group.cookies}


def answer_banner(visitor: Any, shop: str, name: str) -> None:
    visitor.page.goto(f"{shop}/")
    visitor.page.locator(".cookie-banner").get_by_role("button", name=name).click()
    visitor.page.locator(".cookie-banner").wait_for(state="detached")


def test_a_guest_who_declines_everything_buys_with_the_bank_asking(shop, payment_sandbox, visit, valkey):
    tea = variant(stock=5)
    visitor = visit()
    visitor.page.set_default_timeout(15_000)
    answer_banner(visitor, shop, "Decline all")
    browse(visitor, shop)
    to_the_provider(visitor.page, shop, payment_sandbox, opt_out=True)
    pay_by_card(visitor.page, "4000002500003155")
    visitor.page.locator("[name=decision][value=approve]").click()
    visitor.page.wait_for_url(f"{shop}/checkout/thank-you/**", timeout=30_000)

    order = Order.objects.get()
    assert order.state == Order.State.PAID
    tea.refresh_from_db()
    assert tea.stock == 4
    collection = Collection.objects.get(surface="web.checkout")
    assert collection.subject_id == order.subject_id
    assert {"orders_ordercontact.email", "orders_deliveryaddress.recipient"} <= set(collection.fields)
    assert OrderContact.objects.get().collection_id == DeliveryAddress.objects.get().collection_id == collection.pk
    refusals = ConsentEvent.objects.filter(subject=order.subject, surface="web.checkout")
    assert {e.state for e in refusals} == {"refused"}
    assert {e.text_digest for e in refusals} == {collection.notice_digest}
    assert not may_contact(order.subject, "marketing.communications.email", "email")

    assert hits.flush()
    assert list(valkey.scan_iter(match="*pending*")) == []
    aggregate_traffic()
    assert not HourlyCount.objects.exists()
    assert visitor.cookies() <= declared(required_only=True)
    assert visitor.elsewhere(shop, payment_sandbox.url) == []
    assert visitor.complaints == []


def test_a_visitor_who_accepts_is_counted_and_leaves_nothing(shop, visit, valkey):
    variant(stock=5)
    visitor = visit()
    visitor.page.set_default_timeout(15_000)
    answer_banner(visitor, shop, "Accept all")
    browse(visitor, shop)
    assert "traffic_log" in visitor.cookies()
    marker = next(c["value"] for c in visitor.context.cookies() if c["name"] == "traffic_log")
    assert hits.flush()
    assert aggregate_traffic() >= len(PAGES)

    counted = sum(HourlyCount.objects.filter(dimension="page").values_list("count", flat=True))
    assert counted >= len(PAGES)
    assert counted == sum(PurgeCertificate.objects.values_list("hits", flat=True))
    client = redis.Redis.from_url(store.REDIS_URL)
    for key in client.scan_iter():
        assert marker.encode() not in key
        kind = client.type(key)
        whole = (
            client.get(key) if kind == b"string" else b"|".join(client.lrange(key, 0, -1)) if kind == b"list" else b""
        )
        assert marker.encode() not in (whole or b"")
        assert kind != b"list" or not client.llen(key), f"{key} still waits"
    assert visitor.cookies() <= declared()


@pytest.mark.parametrize("button", [None, "Decline all", "Accept all"])
def test_a_browser_finds_nothing_that_the_cookie_page_does_not_name(shop, visit, button):
    variant(stock=5)
    visitor = visit()
    visitor.page.set_default_timeout(15_000)
    if button:
        answer_banner(visitor, shop, button)
    browse(visitor, shop)
    allowed = declared(required_only=button != "Accept all")
    assert visitor.cookies() <= allowed
    named = visitor.page.goto(f"{shop}/cookies/") and set(visitor.page.locator("main th code").all_inner_texts())
    assert visitor.cookies() <= named
    assert visitor.stored() == {"local": [], "session": [], "databases": [], "workers": 0}
    assert visitor.elsewhere(shop) == []
    assert visitor.complaints == []


def test_the_store_reads_korean_from_front_page_to_checkout(shop, visit):
    variant(stock=5)
    visitor = visit(locale="ko-KR", viewport={"width": 375, "height": 800})
    visitor.page.set_default_timeout(15_000)
    for path in ("/ko/", "/ko/products/", "/ko/products/tea-1/", "/ko/privacy/policy/", "/ko/cookies/"):
        assert visitor.page.goto(f"{shop}{path}").status == 200
        assert visitor.page.locator("html").get_attribute("lang") == "ko"
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        headings = " ".join(visitor.page.locator("h1").all_inner_texts())
        assert any("가" <= letter <= "힣" for letter in headings), (path, headings)
    assert visitor.complaints == []
