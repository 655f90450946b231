"""Shopping in a real browser, as tests drive it: from a product to the provider's page, and a card."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orders.domain.shipping import ensure_rates
from tests.orders.shop import ADDRESS
from tests.support.payment_sandbox import PaymentSandbox


@pytest.fixture
def shop(live_server: Any, payment_sandbox: PaymentSandbox, settings: Any) -> str:
    """The store on a free port of this machine, with a payment provider of its own; its address."""
    settings.BASE_URL = live_server.url
    settings.PAYMENT_PROVIDER = "orders.payment.sandbox.SandboxProvider"
    settings.PAYMENT_SANDBOX_URL = payment_sandbox.url
    settings.PAYMENT_SANDBOX_KEY = payment_sandbox.key
    settings.PAYMENT_WEBHOOK_SECRET = payment_sandbox.webhook_secret
    ensure_rates()
    return live_server.url


def to_the_provider(page: Any, shop: str, sandbox: PaymentSandbox, *, opt_out: bool = False, prefix: str = "") -> None:
    """From the product to the card page."""
    page.goto(f"{shop}{prefix}/products/tea-1/")
    page.locator("form[action$='/basket/add/'] button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{shop}{prefix}/checkout/")
    page.locator("[name=email]").fill("mina@example.com")
    for name, value in ADDRESS.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
        if name == "country":
            page.wait_for_load_state("networkidle")
    if opt_out:
        page.locator("[name=no_marketing]").check()
    page.locator("main form button[type=submit]:not([name=update])").last.click()
    page.wait_for_url(re.compile(re.escape(sandbox.url) + "/pay/"))


def pay_by_card(page: Any, number: str) -> None:
    """Fill in the provider's page and send it."""
    page.locator("[name=card_number]").fill(number)
    page.locator("[name=expiry]").fill("12/34")
    page.locator("[name=security_code]").fill("123")
    page.locator("[name=cardholder]").fill("MINA KIM")
    page.locator("[name=line1]").fill("1600 Amphitheatre Parkway")
    page.locator("[name=country]").select_option("US")
    page.locator("form button[type=submit]").first.click()
