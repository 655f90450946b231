"""A real Chromium buys: off to the provider's page and back, under the strict policy of our pages, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orders.models import Order, PaymentInstrument
from tests.orders.shop import variant
from tests.support.browser import NEEDS_BROWSER
from tests.support.payment_sandbox import PaymentSandbox
from tests.support.shopping import pay_by_card, to_the_provider

pytestmark = [pytest.mark.browser, NEEDS_BROWSER]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_guest_buys_and_comes_back_to_the_thank_you_page(
    shop: str,
    payment_sandbox: PaymentSandbox,
    visit: Callable[..., Any],
    scripts: bool,
) -> None:
    tea = variant(stock=5)
    visitor = visit(java_script_enabled=scripts)
    page = visitor.page
    page.set_default_timeout(10_000)
    to_the_provider(page, shop, payment_sandbox)
    pay_by_card(page, "4242424242424242")
    page.wait_for_url(f"{shop}/checkout/thank-you/**", timeout=20_000)
    order = Order.objects.get()
    assert order.state == Order.State.PAID
    assert order.number in page.content()
    assert PaymentInstrument.objects.get().last4 == "4242"
    tea.refresh_from_db()
    assert tea.stock == 4
    assert visitor.complaints == []
    assert visitor.elsewhere(shop, payment_sandbox.url) == []


def test_a_declined_card_can_be_followed_by_another_after_the_bank_has_asked(
    shop: str,
    payment_sandbox: PaymentSandbox,
    visit: Callable[..., Any],
) -> None:
    variant(stock=5)
    page = visit().page
    to_the_provider(page, shop, payment_sandbox)
    pay_by_card(page, "4000000000000002")
    page.wait_for_load_state()
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT
    pay_by_card(page, "4000002500003155")
    page.locator("[name=decision][value=approve]").click()
    page.wait_for_url(f"{shop}/checkout/thank-you/**", timeout=20_000)
    assert Order.objects.get().state == Order.State.PAID


def test_the_basket_works_with_and_without_scripts(shop: str, visit: Callable[..., Any]) -> None:
    variant(stock=5)
    for scripts in (True, False):
        visitor = visit(java_script_enabled=scripts)
        page = visitor.page
        page.goto(f"{shop}/products/tea-1/")
        page.locator("form[action='/basket/add/'] button[type=submit]").first.click()
        page.wait_for_load_state("networkidle")
        page.goto(f"{shop}/basket/")
        page.get_by_label("Quantity of").fill("3")
        page.get_by_role("button", name="Update").click()
        page.get_by_text("$37.50").first.wait_for()
        assert page.locator("#basket-link").inner_text().strip().endswith("3")
        page.get_by_role("button", name="Remove").click()
        page.get_by_text("Your basket is empty").wait_for()
        assert visitor.complaints == []
