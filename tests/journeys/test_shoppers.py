"""Whole visits in a real browser: one declines cookies and buys, one accepts and is counted, and what each leaves behind."""

from __future__ import annotations

import time
from typing import Any

import pytest
import redis
from django.conf import settings as store

from cookies.inventory import ESSENTIAL, GROUPS, group_of
from cookies.models import HourlyCount, PurgeCertificate
from cookies.tasks import aggregate_traffic
from cookies.traffic import visitor as visitor_keys
from cookies.traffic.buffer import hits
from orders.models import DeliveryAddress, Order, OrderContact
from privacy.models import Collection, ConsentEvent
from privacy.permission import may_contact
from tests.orders.shop import variant
from tests.support.browser import NEEDS_BROWSER
from tests.support.shopping import pay_by_card, to_the_provider

pytestmark = [pytest.mark.browser, NEEDS_BROWSER]

# Milliseconds for which a page may keep a busy machine; nothing is decided by how long it takes.
PATIENCE = 90_000
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


def undeclared(visitor: Any, *groups: str) -> set[str]:
    """Cookies of the browser that belong to none of these groups."""
    return {name for name in visitor.cookies() if group_of(name) not in groups}


def answer_banner(visitor: Any, shop: str, name: str) -> None:
    visitor.page.goto(f"{shop}/")
    visitor.page.locator(".cookie-banner").get_by_role("button", name=name).click()
    visitor.page.locator(".cookie-banner").wait_for(state="detached")


def handed_over() -> None:
    """Everything that this process has seen is in Valkey now, also when it takes a busy machine several tries."""
    for _ in range(50):
        if hits.flush():
            return
    raise AssertionError("Valkey does not answer.")


@pytest.fixture
def salt(valkey: Any) -> None:
    """The day's salt is at hand: a page that cannot have it in time is not counted, which is right, and not what is asked here."""
    visitor_keys.forget_salt()
    hour = int(time.time()) // 3600
    for _ in range(50):
        if visitor_keys.salt_of(hour):
            break
        time.sleep(0.1)
    assert visitor_keys.salt_of(hour)


def test_a_guest_who_declines_everything_buys_with_the_bank_asking(shop, payment_sandbox, visit, valkey):
    tea = variant(stock=5)
    visitor = visit()
    visitor.page.set_default_timeout(PATIENCE)
    answer_banner(visitor, shop, "Decline all")
    browse(visitor, shop)
    to_the_provider(visitor.page, shop, payment_sandbox, opt_out=True)
    pay_by_card(visitor.page, "4000002500003155")
    visitor.page.locator("[name=decision][value=approve]").click()
    visitor.page.wait_for_url(f"{shop}/checkout/thank-you/**", timeout=PATIENCE)

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

    handed_over()
    assert list(valkey.scan_iter(match="*pending*")) == []
    aggregate_traffic()
    assert not HourlyCount.objects.exists()
    assert undeclared(visitor, ESSENTIAL) == set()
    assert visitor.elsewhere(shop, payment_sandbox.url) == []
    assert visitor.complaints == []


def test_a_visitor_who_accepts_is_counted_and_leaves_nothing(shop, visit, valkey, salt):
    variant(stock=5)
    visitor = visit()
    visitor.page.set_default_timeout(PATIENCE)
    answer_banner(visitor, shop, "Accept all")
    browse(visitor, shop)
    assert "traffic_log" in visitor.cookies()
    marker = next(c["value"] for c in visitor.context.cookies() if c["name"] == "traffic_log")
    handed_over()
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
    assert undeclared(visitor, *(group.key for group in GROUPS)) == set()


def test_the_store_reads_korean_from_front_page_to_checkout(shop, visit):
    variant(stock=5)
    visitor = visit(locale="ko-KR", viewport={"width": 375, "height": 800})
    visitor.page.set_default_timeout(PATIENCE)
    for path in ("/ko/", "/ko/products/", "/ko/products/tea-1/", "/ko/privacy/policy/", "/ko/cookies/"):
        assert visitor.page.goto(f"{shop}{path}").status == 200
        assert visitor.page.locator("html").get_attribute("lang") == "ko"
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        headings = " ".join(visitor.page.locator("h1").all_inner_texts())
        assert any("가" <= letter <= "힣" for letter in headings), (path, headings)
    assert visitor.complaints == []
