"""Whatever a shopper's browser, or somebody who is no browser, sends to any address: never an answer of 500 or above."""

import json
import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import User
from cookies import question
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import ADDRESS, answers, buy, fill_basket, variant
from tests.support.pages import answer

SEED = 24
PER_FIELD = 4  # bad values for each field of each form, drawn by the seed
PASSWORD = "long-enough-and-odd-42"

TEXTS = [
    "", " ", "\x00", "a\x00b", "\x00" * 50, "x" * 100_000, "9" * 5_000, "-1", "0", "1.5", "1e400", "-1e400", "NaN", "inf",
    "2147483648", "9223372036854775808", "٣", "１２", "²", "Ⅷ", "😀" * 40, "👨‍👩‍👧‍👦", "‮evil", "\u202e\u2066x", "ﷺ" * 200,
    "\ufeff", "\uffff", "e\u0301" * 300, "../../../etc/passwd", "..\\..\\x", "/\x00/..", "' OR 1=1 --", "\\'; DROP TABLE x; --",
    "<script>alert(1)</script>", "{{7*7}}{% load x %}", "%s%n%(name)s%", "{0.__class__}", "$(id)`id`", "\r\nSet-Cookie: a=b",
    "\n\n", "a@" * 60 + "b", "@", '"a b"@example.com', "a@[127.0.0.1]", "a@" + "x" * 300 + ".com", "mina@ex\x00.com",
    "not-a-uuid", "00000000-0000-0000-0000-000000000000", "{" * 50, "2026-02-30", "0000-00-00", "99999-12-31T99:99:99Z",
    "[]", "null", "true", "1,2", "0x10", "1_000", "+1", " 1 ", "1\n", "KR\x00", "ZZ", "+82" + "1" * 60, "a:b:c:d", "\x1b[31m",
]  # fmt: skip
# Bytes that no text is made of, as they stand in an address or in a form.
PERCENTED = ["%00", "%ff%fe", "%ed%a0%80", "%c0%80", "%", "%zz", "%u0041", "%f0%9f%98%80", "%2e%2e%2f", "%0d%0a", "%D9%A3"]
IN_A_PATH = [quote(text, safe="") for text in TEXTS if len(text) < 5_000 and text not in ("", ".", "..")] + PERCENTED
PARAMETERS = [
    "q", "page", "sort", "category", "variant", "in_stock", "address", "country", "next", "kind", "format", "currency", "go",
    "notice", "language", "key", "cursor", "limit", "", "__proto__", "a[]", "csrfmiddlewaretoken",
]  # fmt: skip
HEADERS: list[dict[str, str]] = [
    {"HTTP_ACCEPT_LANGUAGE": value}
    for value in ("", "x" * 600, "ko;q=abc", "*", "ko-KR;q=9,,,;", "\xff\xfe", "a" * 5_000 + ",en", "../..", "en\x00")
]
HEADERS += [
    {"HTTP_REFERER": value} for value in ("", "x", "http://[", "http://[::1", "https://\x00", "//a//b", "http://a:b:c/", "\xff")
]
HEADERS += [{"HTTP_USER_AGENT": value} for value in ("", "\x00", "x" * 100_000, "\xff\xfe", "${jndi:ldap://x}", "%n%s")]
HEADERS += [
    {"HTTP_HOST": value}
    for value in ("", "evil.example", "a b", "[::1", "127.0.0.1:99999999", "localhost:x", "\xff", "x" * 5_000, "a\x00b", "@")
]
HEADERS += [
    {"HTTP_SEC_GPC": "1\x00"},
    {"HTTP_SEC_GPC": "x" * 500, "HTTP_DNT": "?"},
    {"HTTP_X_FORWARDED_FOR": "999.1.1.1, \xff, ::g", "HTTP_X_FORWARDED_PROTO": "gopher", "HTTP_X_FORWARDED_HOST": "evil"},
    {"HTTP_FORWARDED": "for=\x00;by=", "HTTP_X_REAL_IP": "x", "REMOTE_ADDR": "not an address"},
    {"REMOTE_ADDR": ""},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "HTTP_X_ORIGINAL_URL": "/admin/", "HTTP_X_REWRITE_URL": "/admin/"},
    {"HTTP_ACCEPT": "x"},
    {"HTTP_ACCEPT": "application/json;q=x, */*;" + "v=1;" * 500},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "basket", "HTTP_HX_CURRENT_URL": "http://["},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "\xff", "HTTP_HX_CURRENT_URL": "%zz", "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": "true"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "goods", "HTTP_HX_TRIGGERING_EVENT": "{", "HTTP_HX_PROMPT": "%ff"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "checkout", "HTTP_HX_BOOSTED": "x"},
    {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    {"HTTP_IF_NONE_MATCH": '"', "HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 9999 99:99:99 GMT", "HTTP_RANGE": "bytes=9-1,x"},
    {"HTTP_AUTHORIZATION": "Basic \xff", "HTTP_X_CSRFTOKEN": "\x00", "HTTP_ORIGIN": "null"},
    {"HTTP_ORIGIN": "http://[", "CONTENT_LENGTH": "x"},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_TYPE": "text/plain; charset=hex"},
    {"CONTENT_TYPE": "text/plain; charset=rot13"},
    {"CONTENT_TYPE": "text/html; charset=\xff"},
    {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-16"},
]  # fmt: skip
COOKIES = [
    "sessionid=" + "a" * 5_000,
    'sessionid="aaaaaaaaaaaa\\000"',
    "sessionid=\xff\xfe\xff\xfe\xff\xfe\xff\xfe",
    'sessionid="\\355\\240\\200aaaaaaaa"',
    "sessionid=' OR 1=1 --aaaaaaaa",
    "csrftoken=x; csrftoken=" + "y" * 64,
    'csrftoken="\\000\\000"',
    "basket=g:aaaa:1:forged",
    'basket="g:\\000:1:x:y"',
    "basket=" + ":" * 500,
    "messages=x; messages=[[1,2,3]]:a:b",
    'messages="\\000"',
    "messages=" + "W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIngiXV0" * 50 + ":x:y",
    "cookie_consent=x=y|z; traffic_log=\xff; pref_=x; pref_currency=\x01",
    "traffic_log=" + "A" * 22 + "; cookie_consent=on=x:y",
    "django_language=../../x",
    "=; ; ;=;a;\x00=\x00",
    "a=" + "b" * 20_000,
]
JSONS = [
    b"", b"{", b"[]", b"null", b'"x"', b"1", b"NaN", b"1e999", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b"\xef\xbb\xbf{}",
    b'{"variant": {}, "quantity": []}', b'{"variant": [1], "quantity": {"a": 1}}', b'{"variant": true, "quantity": 1.5}',
    b'{"variant": 1e400, "quantity": -1}', b'{"variant": ' + b"9" * 4_000 + b', "quantity": 99999999999999999999}',
    b'{"variant": "\\ud800", "quantity": "\\u0000"}', b'{"variant": null}', b'{"\\u0000": 1}', b'[{"variant": 1}]',
    b'{"notice": {}, "country": [], "recipient": 5, "no_marketing": "maybe"}',
    b'{"notice": "\\ud800", "country": "\\ud800", "recipient": "\\ud800\\udc00\\ud800", "phone": "\\u0000"}',
    b'{"id": "evt", "kind": "payment.succeeded", "intent": "\\u0000"}',
]  # fmt: skip
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"
BODIES: list[tuple[bytes, str]] = [
    *((body, "application/json") for body in JSONS),
    (b"\xff\xfe\x00=\x00", FORM),
    (b"email=%ff%fe&body=%00&%00=%ed%a0%80&=&&a", FORM),
    (b"&".join(b"a%d=1" % n for n in range(600)), FORM),
    (b"a=" + b"x" * 2_600_000, FORM),
    (b"email=a%40example.com", FORM + "; charset=utf-16"),
    (b"email=a", FORM + "; charset=hex"),
    (b"email=%FF&name=\xff", FORM + "; charset=nonsense"),
    (b"", MULTIPART),
    (b"--B\r\n", MULTIPART),
    (b"--B--\r\n", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary=" + "B" * 500),
    (b"x", "multipart/form-data; boundary=\xff"),
    (b'--B\r\nContent-Disposition: form-data; name="a"; filename="\x00../../x"\r\n\r\n\x00\r\n--B--\r\n', MULTIPART),
    (b'--B\r\nContent-Disposition: form-data; name="\xff"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--B--', MULTIPART),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800\r\n--B--\r\n', MULTIPART + "; charset=unicode_escape"),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\r\n--B--\r\n', MULTIPART + "; charset=utf-7"),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\nzz\r\n--B--\r\n', MULTIPART + "; charset=hex"),
    (b"<x/>", "text/xml"),
    (b"x", ""),
    (b"x", "a/b/c; ;;="),
    (b"x", "\xff"),
]  # fmt: skip
METHODS = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "PROPFIND", "X" * 100]

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
            for value in self.some(IN_A_PATH, 20):
                self.send("GET", filled(self.route, self.good | {name: value}))
                self.send("POST", filled(self.route, self.good | {name: value}))

    def queries(self) -> None:
        for value in self.some(TEXTS, 12):
            self.send("GET", f"{self.path}?{urlencode({n: value for n in self.some(PARAMETERS, 6)})}")
        for value in self.some(PERCENTED, 3):
            self.send("GET", f"{self.path}?{'&'.join(f'{name}={value}' for name in PARAMETERS)}&{value}")
        self.send("GET", f"{self.path}?" + "&".join(f"a{n}=1" for n in range(2_000)))

    def surroundings(self) -> None:
        for headers in self.some(HEADERS, 16):
            self.send("GET", **headers)
        for cookie in self.some(COOKIES, 7):
            self.send("GET", HTTP_COOKIE=cookie)
            self.send("POST", HTTP_COOKIE=cookie)
        for method in METHODS:
            self.send(method)
        self.browser.handler.enforce_csrf_checks = True
        self.send("POST", body=b"email=a")
        self.send("POST", body=b"csrfmiddlewaretoken=%00", HTTP_X_CSRFTOKEN="\xff")
        self.browser.handler.enforce_csrf_checks = False

    def bodies(self) -> None:
        if self.send("POST").status_code == 405 and self.send("PATCH").status_code == 405:
            return
        for body, content_type in BODIES:
            self.send("POST", body=body, content_type=content_type)
        for body in self.some(JSONS, 6):
            self.send("PATCH", body=body, content_type="application/json")
            self.send("PUT", body=body, content_type="application/json")
        for headers in self.some(HEADERS, 6):
            self.send("POST", body=urlencode(self.good).encode(), **headers)

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
        without = {"update": None, "show_country": None, "action_remove": None, "action_primary": None, "action_send": None}
        plain = {name: value for name, value in asked.items() if name not in without}
        for name in asked:
            for value in self.some(TEXTS, PER_FIELD):
                self.send("POST", body=urlencode(plain | {name: value}).encode())
            raw = urlencode({n: v for n, v in plain.items() if n != name})
            self.send("POST", body=f"{raw}&{quote(name)}={self.random.choice(PERCENTED)}".encode())
            self.send("POST", body=f"{raw}&{quote(name)}=1&{quote(name)}=2&{quote(name)}[]=3".encode())
        for value in self.some(TEXTS, 5):
            self.send("POST", body=urlencode(dict.fromkeys(asked, value)).encode())
        file = "".join(
            f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.txt"\r\n\r\nx\r\n' for name in asked
        )
        self.send("POST", body=f"{file}--B--\r\n".encode(), content_type=MULTIPART)


@pytest.fixture(scope="module")
def goods_of() -> dict[str, str]:
    return {}


@pytest.fixture
def guest(store: None) -> tuple[Client, dict[str, str]]:  # noqa: F811
    """Somebody with an order, a subscription and something in the basket."""
    browser = Client(raise_request_exception=False)
    tea = variant(stock=1_000)
    order = buy(browser, tea)
    fill_basket(browser, tea)
    from marketing.models import Subscription

    answer(browser, "/marketing/subscribe/", {"email": "reader@example.com"})
    token = str(Subscription.objects.get().token)
    good = GOOD | {
        "pk": "1", "slug": "tea-1", "number": order.number, "token": token, "key": "abc-def", "uidb36": "1", "path": "x.svg",
        "version": "2026-11-01", "format": "json", "variant": str(tea.pk),
    }  # fmt: skip
    return browser, good


@pytest.fixture
def member(guest: tuple[Client, dict[str, str]], django_user_model: type[User]) -> tuple[Client, dict[str, str]]:
    """The same with an account and an address in its book."""
    browser, good = guest
    browser.force_login(django_user_model.objects.create_user("mina@example.com", PASSWORD))
    fill_basket(browser, variant("TEA-2", stock=1_000))
    from accounts.models import SavedAddress

    assert answer(browser, "/accounts/addresses/add/?country=US", ADDRESS).status_code == 302
    return browser, good | {"pk": str(SavedAddress.objects.get().pk)}


def attack(browser: Client, route: str, good: dict[str, str]) -> None:
    attacker = Attacker(browser, route, good)
    for way in (attacker.addresses, attacker.queries, attacker.surroundings, attacker.bodies, attacker.forms):
        way()
    assert attacker.sent >= 50
    kinds: dict[str, str] = {}
    for line in attacker.broken:
        kinds.setdefault(line.partition("[")[2][:60], line)
    assert not attacker.broken, f"{len(attacker.broken)} of {attacker.sent}:\n" + "\n".join(kinds.values())


@pytest.mark.parametrize("route", ROUTES)
def test_a_guest_breaks_nothing_at(guest: tuple[Client, dict[str, str]], route: str) -> None:
    attack(guest[0], route, guest[1])


@pytest.mark.parametrize("route", [r for r in ROUTES if r.startswith(("accounts/", "checkout", "privacy/", "api/v1/^addr", "orders/"))])
def test_a_member_breaks_nothing_at(member: tuple[Client, dict[str, str]], route: str) -> None:
    attack(member[0], route, member[1])


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
        for button in ("update", "show_country"):
            sent.pop(button, None)
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
