"""Whatever a shopper's browser, or somebody who is no browser, sends to any address: never an answer of 500 or above."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLResolver, get_resolver

from accounts.models import User
from cookies import question
from orders.domain.shipping import ensure_rates
from orders.domain.tax_table import ensure_taxes
from tests.architecture.hostile import (
    BODIES,
    COOKIES,
    FORM,
    HEADERS,
    IN_A_PATH,
    JSON,
    JSONS,
    METHODS,
    MULTIPART,
    PARAMETERS,
    PERCENTED,
    TEXTS,
)
from tests.orders.fake_provider import Books, FakeProvider
from tests.orders.shop import ADDRESS, answers, buy, fill_basket, variant
from tests.support import observing
from tests.support.pages import answer

# Which of the bad values meet which address: always the same, and others for whoever names another number.
SEED = os.environ.get("HOSTILE_SEED", "24")
PER_FIELD = 2  # for each field of each form
PASSWORD = "long-enough-and-odd-42"

# What the forms of the store ask for, filled in well, so that a bad value stands alone and reaches the code behind them.
GOOD: dict[str, Any] = {
    **ADDRESS, "email": "mina@example.com", "name": "Mina", "password": PASSWORD, "password1": PASSWORD, "password2": PASSWORD,
    "oldpassword": PASSWORD, "login": "mina@example.com", "quantity": "1", "number": "K24-AAAA-BBBB", "kind": "access",
    "sender": "mina@example.com", "body": "Hello", "all_groups": "true", "choice": "true", "seen_total": "", "is_default": "on",
    "form_token": "6f1c3f0e-6f0a-4b5e-9a50-5d4a4d1a0c11", "allow_0": "on", "no_marketing": "on", "next": "/", "action_add": "",
}  # fmt: skip
# Addresses without a page of their own: the fields that their code reads.
READ_BY = {
    "basket/add/": ["variant", "quantity"],
    "basket/update/": ["variant", "quantity"],
    "basket/remove/": ["variant"],
    "cookies/choose/": ["choice", "cookie_groups", "notice", "next"],
    "cookies/accept/": ["all_groups", "cookie_groups", "notice", "next"],
    "cookies/decline/": ["all_groups", "cookie_groups", "notice", "next"],
    "privacy/choices/": ["allow_0", "allow_1", "notice"],
    "marketing/leave/<uuid:token>/": ["List-Unsubscribe"],
    "marketing/confirm/<uuid:token>/": ["notice"],
    "checkout/": ["update", "notice", "form_token", "seen_total"],
    "accounts/email/": ["action_remove", "action_primary", "action_send", "email"],
    "accounts/addresses/add/": ["show_country", "notice"],
}


# What is another page for somebody who is signed in.
OF_MEMBERS = (
    "accounts/profile", "accounts/addresses", "accounts/email", "accounts/password/change", "accounts/reauth", "checkout/",
    "privacy/choices", "privacy/receipts", "api/v1/^addr", "orders/history",
)  # fmt: skip


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address but those of the staff."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


ROUTES = sorted(set(routes()))
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^]]*\]|[^()])+\)")


def filled(route: str, values: dict[str, str]) -> str:
    """The address of a route with these values for its parameters."""

    def value(match: re.Match[str]) -> str:
        return values[match[1] or match[2]]

    path = _PARAMETER.sub(value, route)
    for sign in ("^", "$", "/?", "\\"):
        path = path.replace(sign, "/" if sign == "/?" else "")
    return "/" + path


def names_in(route: str) -> list[str]:
    return [a or b for a, b in _PARAMETER.findall(route)]


class Fields(HTMLParser):
    """What the forms of a page would send: names with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and given.get("name"):
            self.values.setdefault(given["name"] or "", given.get("value") or "")


class Attacker:
    """Sends what it is told, as a guest with a full basket or as a member, and writes down what broke."""

    def __init__(self, browser: Client, route: str, good: dict[str, str]) -> None:
        self.browser, self.route, self.good = browser, route, good
        self.cookies = browser.cookies.output(header="", sep=";")
        self.path = filled(route, good)
        self.sent = 0
        self.broken: list[str] = []
        self.random = random.Random(f"{SEED}:{route}")

    def send(self, method: str, path: str = "", body: bytes = b"", content_type: str = FORM, **headers: str) -> Any:
        self.browser.cookies = SimpleCookie(self.cookies)
        cache.clear()
        raised: list[str] = []

        def note(**kwargs: Any) -> None:
            import sys

            kind, error, trace = sys.exc_info()
            frames = []
            while trace is not None:
                frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/main/')[2]}:{trace.tb_lineno}")
                trace = trace.tb_next
            raised.append(f"{getattr(kind, '__name__', '')}: {str(error)[:120]} at {' < '.join(frames[:-5:-1])}")

        got_request_exception.connect(note)
        # Each request finds the store as the first did, and a broken transaction breaks no other.
        mark = transaction.savepoint()
        try:
            response = self.browser.generic(method, path or self.path, body, content_type, **headers)
        finally:
            transaction.savepoint_rollback(mark)
            got_request_exception.disconnect(note)
        self.sent += 1
        if response.status_code >= 500:
            what = f"{method} {(path or self.path)[:150]} {body[:150]!r} {content_type[:80]} {str(headers)[:200]}"
            self.broken.append(f"{response.status_code} {what} {raised}")
        return response

    def some(self, values: list[Any], number: int) -> list[Any]:
        return self.random.sample(values, min(number, len(values)))

    def addresses(self) -> None:
        for name in names_in(self.route):
            for value in self.some(IN_A_PATH, 16):
                self.send("GET", filled(self.route, self.good | {name: value}))
            for value in self.some(IN_A_PATH, 8):
                self.send("POST", filled(self.route, self.good | {name: value}))

    def queries(self) -> None:
        for value in self.some(TEXTS, 8):
            self.send("GET", f"{self.path}?{urlencode(dict.fromkeys(self.some(PARAMETERS, 6), value))}")
        for value in self.some(PERCENTED, 3):
            self.send("GET", f"{self.path}?{'&'.join(f'{name}={value}' for name in PARAMETERS)}&{value}")
        self.send("GET", f"{self.path}?" + "&".join(f"a{n}=1" for n in range(2_000)))

    def surroundings(self) -> None:
        for headers in self.some(HEADERS, 14):
            self.send("GET", **headers)
        for cookie in self.some(COOKIES, 5):
            self.send("GET", HTTP_COOKIE=cookie)
        for method in METHODS:
            self.send(method)
        self.browser.handler.enforce_csrf_checks = True
        self.send("POST", body=b"email=a")
        self.send("POST", body=b"csrfmiddlewaretoken=%00", HTTP_X_CSRFTOKEN="\xff")
        self.browser.handler.enforce_csrf_checks = False

    def bodies(self) -> None:
        for method in ("POST", "PATCH"):
            if self.send(method).status_code == 405:
                continue
            speaks_json = self.route.startswith(("api/", "payments/"))
            for body, content_type in [*self.some(BODIES, 12), *(((j, JSON) for j in JSONS) if speaks_json else ())]:
                self.send(method, body=body, content_type=content_type)
            for headers in self.some(HEADERS, 4):
                self.send(method, body=urlencode(self.good).encode(), **headers)

    def forms(self) -> None:
        page = self.send("GET")
        if self.send("POST").status_code == 405:
            return
        asked = Fields(page.content.decode()).values if page.get("Content-Type", "").startswith("text/html") else {}
        asked |= dict.fromkeys(READ_BY.get(self.route, []), "")
        asked.pop("csrfmiddlewaretoken", None)
        asked |= {name: value for name, value in self.good.items() if name in asked and not asked[name]}
        if self.route.startswith("cookies/"):
            asked["notice"] = question.token()
        without = {
            "update": None,
            "show_country": None,
            "action_remove": None,
            "action_primary": None,
            "action_send": None,
        }
        plain = {name: value for name, value in asked.items() if name not in without}
        for name in asked:
            for value in self.some(TEXTS, PER_FIELD):
                self.send("POST", body=urlencode(plain | {name: value}).encode())
            raw, key = urlencode({n: v for n, v in plain.items() if n != name}), quote(name)
            odd = self.random.choice([f"{key}={self.random.choice(PERCENTED)}", f"{key}=1&{key}=2&{key}[]=3"])
            self.send("POST", body=f"{raw}&{odd}".encode())
        for value in self.some(TEXTS, 5):
            self.send("POST", body=urlencode(dict.fromkeys(asked, value)).encode())
        file = "".join(
            f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.txt"\r\n\r\nx\r\n' for name in asked
        )
        self.send("POST", body=f"{file}--B--\r\n".encode(), content_type=MULTIPART)


@pytest.fixture(scope="module")
def shopped(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Client, dict[str, str]]]:
    """Somebody with an order, a subscription and something in the basket, once for all: each test is rolled back to here."""
    around = transaction.atomic()
    around._from_testcase = True
    with django_db_blocker.unblock(), override_settings(PAYMENT_PROVIDER=f"{FakeProvider.__module__}.FakeProvider"):
        FakeProvider.books = Books()
        with around:
            ensure_rates()
            ensure_taxes()
            yield _shopped()
            transaction.set_rollback(True)
        FakeProvider.books = Books()


def _shopped() -> tuple[Client, dict[str, str]]:
    browser = Client(raise_request_exception=False)
    tea = variant(stock=1_000)
    order = buy(browser, tea)
    fill_basket(browser, tea)
    from marketing.models import Subscription

    answer(browser, "/marketing/subscribe/", {"email": "reader@example.com"})
    token = str(Subscription.objects.get().token)
    good = GOOD | {
        "ticket": "abc:def", "service": "postmark/inbound/",
        "pk": "1", "slug": "tea-1", "number": order.number, "token": token, "key": "abc-def", "link": "abc-def",
        "uidb36": "1", "path": "x.svg",
        "version": "2026-11-01", "before": "2026-11-01", "after": "2026-11-01", "format": "json", "variant": str(tea.pk),
        "form": "json", "event": "00000000-0000-4000-8000-000000000000",
    }  # fmt: skip
    return browser, good


@pytest.fixture
def guest(shopped: tuple[Client, dict[str, str]], db: None, valkey: Any) -> tuple[Client, dict[str, str]]:
    """They come with a browser of their own; no page view waits for the tests before."""
    browser = Client(raise_request_exception=False)
    browser.cookies = SimpleCookie(shopped[0].cookies.output(header="", sep=";"))
    return browser, shopped[1]


@pytest.fixture
def member(guest: tuple[Client, dict[str, str]], django_user_model: type[User]) -> tuple[Client, dict[str, str]]:
    """The same with an account and an address in its book."""
    browser, good = guest
    browser.force_login(django_user_model.objects.create_user("mina@example.com", PASSWORD))
    fill_basket(browser, variant("TEA-2", stock=1_000))
    from accounts.models import SavedAddress

    assert answer(browser, "/accounts/addresses/add/?country=US", ADDRESS).status_code == 302
    return browser, good | {"pk": str(SavedAddress.objects.get().pk)}


def attack(attacker: Attacker, *ways: Callable[[], None]) -> None:
    with observing.nothing():
        for way in ways:
            way()
    assert attacker.sent >= 12
    if attacker.broken:
        kinds = {line.partition(" [")[2][:60]: line for line in attacker.broken}
        pytest.fail(f"{len(attacker.broken)} of {attacker.sent}:\n" + "\n".join(kinds.values()), pytrace=False)


@pytest.mark.parametrize("route", ROUTES)
def test_a_guest_breaks_nothing_at(guest: tuple[Client, dict[str, str]], route: str) -> None:
    attacker = Attacker(guest[0], route, guest[1])
    attack(attacker, attacker.addresses, attacker.queries, attacker.surroundings, attacker.bodies, attacker.forms)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.startswith(OF_MEMBERS)])
def test_a_member_breaks_nothing_at(member: tuple[Client, dict[str, str]], route: str) -> None:
    attacker = Attacker(member[0], route, member[1])
    attack(attacker, attacker.queries, attacker.bodies, attacker.forms)


def test_the_corpus_reaches_the_code_behind_the_forms(member: tuple[Client, dict[str, str]]) -> None:
    """Filled in well, the same forms are taken: a bad value in one of them is what the code behind it meets."""
    browser, good = member
    for path, taken in (
        ("/checkout/", 303),
        ("/marketing/subscribe/", 302),
        ("/privacy/write/", 200),
        ("/accounts/profile/", 302),
        ("/accounts/addresses/add/", 302),
        (f"/accounts/addresses/{good['pk']}/", 302),
    ):
        sent = Fields(browser.get(path).content.decode()).values
        sent = sent | {n: v for n, v in good.items() if n in sent and not sent[n]}
        for name in ("update", "show_country", "no_marketing"):
            sent.pop(name, None)
        assert browser.post(path, sent).status_code == taken, path


def test_what_breaks_is_seen(guest: tuple[Client, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    from catalogue import queries

    def breaks(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(queries, "listing", breaks)
    attacker = Attacker(guest[0], "products/", guest[1])
    attacker.queries()
    assert attacker.broken
    assert "RuntimeError" in attacker.broken[0]


def test_an_answer_in_json_says_what_was_wrong(guest: tuple[Client, dict[str, str]]) -> None:
    browser, _good = guest
    for body in JSONS:
        response = browser.post("/api/v1/basket/lines/", body, content_type="application/json")
        assert response.status_code == 400, body[:60]
        problem = json.loads(response.content)
        assert problem["status"] == 400
        assert problem["detail"]


def test_a_checkout_that_was_tampered_with_sells_nothing(guest: tuple[Client, dict[str, str]]) -> None:
    from orders.models import Order

    browser, _good = guest
    before = Order.objects.count()
    for tampered in ({"seen_total": "0.01"}, {"seen_total": "-5"}, {"form_token": "x"}, {"notice": "x"}):
        assert browser.post("/checkout/", answers(browser) | tampered).status_code in (409, 422)
    assert Order.objects.count() == before
