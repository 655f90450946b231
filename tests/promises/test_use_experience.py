"""use.experience: the front page bends to nobody who did not permit it, says why where it does, and one button ends it."""

import re

import pytest
from django.test import Client

from cookies import preferences, question
from privacy.models import ConsentEvent
from tests.preferring.test_interests import account, likes, owner, shelves, willing
from tests.support.pages import hidden_inputs

__all__ = ["account", "owner", "shelves", "willing"]
pytestmark = pytest.mark.usefixtures("store", "shelves")

LOOKED = "Because you looked at Tea CUP"
LIKED = "Because you like Paper"


def answered(how: str, **groups) -> Client:
    browser = Client()
    sent = {"notice": question.token(), **(groups or {"all_groups": "true"})}
    assert browser.post(f"/cookies/{how}/", sent).status_code == 302
    return browser


def front_page_after_looking(browser: Client) -> str:
    browser.get("/products/cup/")
    browser.post("/preferences/", {"interests": ["paper"]})
    return browser.get("/").content.decode()


@pytest.mark.parametrize("how", ["never asked", "declined", "traffic only", "gpc"])
def test_without_the_permission_everybody_sees_the_same_page(how):
    browser = {
        "never asked": Client,
        "declined": lambda: answered("decline"),
        "traffic only": lambda: answered("accept", cookie_groups="traffic_log"),
        "gpc": lambda: Client(headers={"Sec-GPC": "1"}),
    }[how]()
    page = front_page_after_looking(browser)
    assert "Because you" not in page
    assert "You looked at" not in page
    assert [shelf["slug"] for shelf in browser.get("/").context["liked_first"]] == [
        shelf["slug"] for shelf in Client().get("/").context["navigation"]
    ]


def test_with_it_each_choice_says_why_it_is_there_and_has_a_button_beside_it():
    page = front_page_after_looking(answered("accept", cookie_groups="preferences"))
    for because in (LOOKED, LIKED, "You looked at"):
        head = re.search(rf'<div class="section-head"><h2[^>]*>{because}</h2>.*?</div>\s*<div', page, re.DOTALL)
        assert head, because
        assert 'action="/cookies/decline/"' in head.group()
        assert "Stop this and forget it" in head.group()
    assert page.count("Stop this and forget it") == 4, "the order of the shelves has its own"


def test_the_button_ends_it_there_and_then_and_leaves_a_withdrawal():
    browser = answered("accept")
    front_page_after_looking(browser)
    page = browser.get("/")
    stop = {name: hidden_inputs(page)[name] for name in ("cookie_groups", "notice", "next")}
    after = browser.post("/cookies/decline/", stop, follow=True)
    assert after.request["PATH_INFO"] == "/"
    assert "Because you" not in after.content.decode()
    assert browser.cookies[preferences.COOKIE].value == ""
    last = ConsentEvent.objects.filter(purpose="personalize.content").latest("received_at")
    assert (last.state, last.surface) == ("withdrawn", "web.cookie_banner")
    assert preferences.COOKIE in browser.cookies
    assert "Because you" not in front_page_after_looking(browser), "nothing is remembered from here on"
    # What was permitted besides stays permitted.
    assert ConsentEvent.objects.filter(purpose="analytics.reporting.content_performance").latest(
        "received_at"
    ).state == ("given")


def test_what_an_account_likes_is_used_for_nothing_but_its_own_front_page(willing, account):
    likes(willing, "paper")
    assert LIKED in willing.get("/").content.decode()
    for stranger in (Client(), answered("accept")):
        assert "Because you" not in stranger.get("/").content.decode()


def test_the_front_page_stays_within_its_statements(willing, django_assert_max_num_queries):
    likes(willing, "clay")
    willing.get("/products/cup/")
    willing.get("/")
    # Session and account, the goods of the month, what was looked at, its shelf, the interests, their shelf.
    with django_assert_max_num_queries(8):
        assert LOOKED in willing.get("/").content.decode()
