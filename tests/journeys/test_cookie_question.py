"""The question about cookies in a real browser: by keyboard, with Escape, without a script, and across a sign-in."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from orders.models import Order
from privacy.models import ConsentEvent
from tests.orders.shop import variant
from tests.support.browser import NEEDS_BROWSER
from tests.support.shopping import pay_by_card, to_the_provider

pytestmark = [pytest.mark.browser, NEEDS_BROWSER]
BANNER = "#cookie-banner"
PASSWORD = "a long password for a shopper"


def states() -> set[str]:
    return set(ConsentEvent.objects.values_list("state", flat=True))


def open_shop(visitor: Any, shop: str, path: str = "/") -> Any:
    visitor.page.set_default_timeout(90_000)
    visitor.page.goto(shop + path)
    return visitor.page


def test_escape_is_no(shop, visit):
    page = open_shop(visit(), shop)
    page.keyboard.press("Escape")
    page.locator(BANNER).wait_for(state="detached")
    assert states() == {"refused"}


def test_escape_while_typing_means_the_field(shop, visit):
    page = open_shop(visit(), shop)
    page.locator("#site-search").fill("tea")
    page.locator("#site-search").press("Escape")
    assert page.locator(BANNER).is_visible()
    assert states() == set()


@pytest.mark.parametrize(("presses", "expected"), [(0, {"refused"}), (1, {"given"})])
def test_the_keyboard_alone_answers(shop, visit, presses, expected):
    page = open_shop(visit(), shop)
    page.locator(f"{BANNER} button").first.focus()
    for _ in range(presses):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(BANNER).wait_for(state="detached")
    assert states() == expected


def test_a_screen_reader_is_told_what_is_asked_and_by_which_buttons(shop, visit):
    page = open_shop(visit(), shop)
    region = page.get_by_role("region", name="May we set cookies?")
    expect(region.get_by_role("button", name="Decline all")).to_be_visible()
    expect(region.get_by_role("button", name="Accept all")).to_be_visible()
    sizes = [box.bounding_box() for box in region.locator(".button").all()]
    for side in ("width", "height"):
        assert max(size[side] for size in sizes) - min(size[side] for size in sizes) < 1, side
    look = "e => ['backgroundColor', 'color', 'fontSize', 'fontWeight', 'borderColor'].map(p => getComputedStyle(e)[p])"
    looks = {tuple(button.evaluate(look)) for button in region.locator(".button").all()}
    assert len(looks) == 1


@pytest.mark.parametrize("button", ["Decline all", "Accept all"])
def test_without_a_script_it_is_the_same_click(shop, visit, button):
    page = open_shop(visit(java_script_enabled=False), shop)
    page.locator(BANNER).get_by_role("button", name=button).click()
    page.wait_for_load_state()
    assert page.locator(BANNER).count() == 0
    assert states() == ({"refused"} if button == "Decline all" else {"given"})


def test_it_can_be_opened_again_from_every_page(shop, visit):
    visitor = visit()
    page = open_shop(visitor, shop)
    page.keyboard.press("Escape")
    page.locator(BANNER).wait_for(state="detached")
    for path in ("/", "/products/", "/basket/", "/privacy/", "/accounts/login/", "/nowhere/"):
        page.goto(shop + path)
        assert page.locator("footer a[href='/cookies/']").count() == 1, path


def test_the_answer_survives_signing_in(shop, visit, django_user_model: type[User]):
    django_user_model.objects.create_user("mina@example.com", PASSWORD)
    from allauth.account.models import EmailAddress

    EmailAddress.objects.update(verified=True)
    visitor = visit()
    page = open_shop(visitor, shop)
    page.locator(BANNER).get_by_role("button", name="Decline all").click()
    page.locator(BANNER).wait_for(state="detached")
    page.goto(f"{shop}/accounts/login/")
    page.locator("main input[name=login]").fill("mina@example.com")
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{shop}/accounts/**")
    assert page.locator(BANNER).count() == 0
    assert "traffic_log" not in visitor.cookies()


@pytest.mark.parametrize("answer", [None, "Accept all"])
def test_the_shop_is_whole_without_an_answer_and_with_a_yes(shop, payment_sandbox, visit, answer):
    """Declining is walked by its own journey; these are the two other ways."""
    variant(stock=5)
    visitor = visit()
    page = open_shop(visitor, shop)
    if answer:
        page.locator(BANNER).get_by_role("button", name=answer).click()
        page.locator(BANNER).wait_for(state="detached")
    to_the_provider(page, shop, payment_sandbox, opt_out=False)
    pay_by_card(page, "4242424242424242")
    page.wait_for_url(f"{shop}/checkout/thank-you/**", timeout=90_000)
    assert Order.objects.get().state == Order.State.PAID
    assert visitor.elsewhere(shop, payment_sandbox.url) == []
    assert visitor.complaints == []
