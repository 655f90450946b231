"""cookies.ask, cookies.individual: nothing optional before an answer, no is as easy as yes, and the shop is whole for both."""

import re

import pytest
from django.core import signing
from django.test import Client

from cookies import inventory, question
from orders.models import Order
from privacy.models import ConsentEvent, Subject
from tests.orders.shop import buy, fill_basket, variant

pytestmark = [pytest.mark.usefixtures("store", "hits")]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
PAGES = ["/", "/products/", "/products/tea-1/", "/search/?q=tea", "/basket/", "/privacy/policy/", "/accounts/login/"]
ESSENTIAL = {"csrftoken", "sessionid", "messages", "basket", "cookie_consent"}
BANNER = 'id="cookie-banner"'


@pytest.fixture
def goods():
    return variant()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"User-Agent": BROWSER})


def browse(visitor: Client, **headers) -> set[str]:
    for path in PAGES:
        assert visitor.get(path, **headers).status_code == 200
    return {name for name, cookie in visitor.cookies.items() if cookie.value}


def answer(visitor: Client, how: str, **sent):
    sent = {"notice": question.token(), **sent}
    response = visitor.post(f"/cookies/{how}/", sent)
    assert response.status_code == 302, response.content.decode()
    return response


def offer_optional_ones(visitor: Client) -> None:
    """As a browser that still has cookies of an earlier time."""
    visitor.cookies["traffic_log"] = "A" * 22
    visitor.cookies["pref_currency"] = "KRW"


def test_before_the_answer_nothing_optional_is_set_and_old_ones_are_taken_away(visitor, goods):
    fill_basket(visitor, goods)
    assert browse(visitor) <= ESSENTIAL
    offer_optional_ones(visitor)
    assert browse(visitor) <= ESSENTIAL
    assert not ConsentEvent.objects.exists()


def test_every_page_asks_until_there_is_an_answer(visitor, goods):
    for path in PAGES:
        assert BANNER in visitor.get(path).content.decode(), path
    answer(visitor, "decline", all_groups="true")
    for path in PAGES:
        assert BANNER not in visitor.get(path).content.decode(), path


def test_no_takes_the_same_click_on_the_same_kind_of_button_as_yes_and_comes_first(visitor):
    page = visitor.get("/").content.decode()
    banner = page[page.index(BANNER) : page.index("</section>", page.index(BANNER))]
    buttons = re.findall(r'<button type="submit" class="([^"]*)" formaction="([^"]*)"', banner)
    assert [address for _look, address in buttons] == ["/cookies/decline/", "/cookies/accept/"]
    assert len({look for look, _address in buttons}) == 1
    assert "<script" not in banner
    assert "checked" not in visitor.get("/cookies/").content.decode()


def test_a_no_is_remembered_without_telling_anybody_from_another(visitor, goods):
    other = Client(headers={"User-Agent": BROWSER})
    for browser in (visitor, other):
        answer(browser, "decline", all_groups="true")
        assert browse(browser) <= ESSENTIAL
    assert visitor.cookies["cookie_consent"].value == other.cookies["cookie_consent"].value
    assert not Subject.objects.exists()
    assert {e.state for e in ConsentEvent.objects.all()} == {"refused"}


def test_the_whole_shop_is_there_for_those_who_decline(visitor, goods):
    answer(visitor, "decline", all_groups="true")
    order = buy(visitor, goods)
    assert order.state == Order.State.PENDING_PAYMENT
    assert visitor.get(f"/orders/{order.number}/").status_code == 200
    assert browse(visitor) <= ESSENTIAL


def test_the_answer_can_be_changed_at_any_time_and_what_it_permitted_is_taken_away(visitor, goods):
    answer(visitor, "accept", all_groups="true")
    assert "traffic_log" in browse(visitor)
    answer(visitor, "decline", all_groups="true")
    assert browse(visitor) <= ESSENTIAL
    assert list(ConsentEvent.objects.order_by("received_at").values_list("state", flat=True))[-2:] == ["withdrawn"] * 2


def test_preferences_are_a_group_of_their_own_apart_from_traffic(visitor, goods):
    answer(visitor, "accept", cookie_groups=inventory.PREFERENCES)
    assert "traffic_log" not in browse(visitor)
    states = dict(ConsentEvent.objects.values_list("purpose", "state"))
    assert states == {"personalize.content": "given", "analytics.reporting.content_performance": "refused"}


@pytest.mark.parametrize(
    "forged",
    [
        "traffic_log=2026-11-01|preferences=2026-11-01",
        "on=2026-11-23|version=2026-11-01|locale=en|text=x|gpc=0|traffic_log=2026-11-01|preferences=2026-11-01",
        "x",
        "",
        ":" * 5,
        "\x00",
    ],
)
@pytest.mark.parametrize("signed_elsewhere", [True, False])
def test_a_forged_cookie_is_no_answer(visitor, goods, forged, signed_elsewhere):
    value = signing.Signer(salt="somewhere.else").sign(forged) if signed_elsewhere else forged
    visitor.cookies["cookie_consent"] = value
    assert browse(visitor) <= ESSENTIAL
    assert BANNER in visitor.get("/").content.decode()


def test_a_damaged_yes_is_no_yes(visitor, goods):
    answer(visitor, "accept", all_groups="true")
    real = visitor.cookies["cookie_consent"].value
    for damaged in (real[:-1], real[1:], real.replace("gpc=0", "gpc=1"), real[::-1]):
        browser = Client(headers={"User-Agent": BROWSER})
        browser.cookies["cookie_consent"] = damaged
        assert browse(browser) <= ESSENTIAL


def test_an_answer_to_words_that_were_not_shown_is_refused(visitor):
    for token in ("", "x", question.token()[:-1]):
        response = visitor.post("/cookies/accept/", {"notice": token, "all_groups": "true"})
        assert response.status_code == 400
    assert not ConsentEvent.objects.exists()
    assert "cookie_consent" not in visitor.cookies


def test_a_browser_that_says_no_for_its_owner_is_not_asked_and_not_counted(visitor, goods, hits):
    quiet = Client(headers={"User-Agent": BROWSER, "Sec-GPC": "1"})
    assert browse(quiet) <= ESSENTIAL
    assert BANNER not in quiet.get("/").content.decode()
    assert not hits.waiting

    answer(visitor, "accept", all_groups="true")
    seen = len(hits.waiting)
    offer_optional_ones(visitor)
    assert browse(visitor, headers={"Sec-GPC": "1"}) <= ESSENTIAL
    assert len(hits.waiting) == seen
