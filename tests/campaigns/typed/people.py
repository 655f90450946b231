"""A guest, a member and a member of staff, who type a text into every field of every form that they are shown."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests

from tests.campaigns.typed.forms import Form, forms_of
from tests.orders.shop import ADDRESS

T = TypeVar("T")

OF_A_GUEST = (
    *("/", "/search/", "/products/race-c0/", "/basket/", "/checkout/", "/orders/", "/cookies/", "/preferences/"),
    *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/marketing/subscribe/", "/privacy/"),
    *("/privacy/write/", "/privacy/receipts/verify/"),
)
OF_A_FEW = ("/search/", "/checkout/", "/orders/", "/privacy/write/")
OF_A_MEMBER = (
    *("/accounts/", "/accounts/profile/", "/accounts/addresses/", "/accounts/addresses/add/", "/accounts/email/"),
    *("/accounts/password/change/", "/privacy/", "/orders/history/", "/checkout/", "/products/race-c0/"),
)
# What a form of a whole page would undo: the person who types is still needed.
_NOT_SENT = ("sign-out", "logout", "/close", "reset/done", "jsi18n", "/login/")
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005050102a0f5d0f50000000049454e44ae426082"
)


class Typist:
    """Types one text after another, never the same field twice in a row."""

    def __init__(
        self, url: str, texts: Iterator[str], draw: random.Random, cookies: dict[str, str] | None = None
    ) -> None:
        self._url, self._texts, self._draw = url, texts, draw
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.headers["Referer"] = url + "/"
        self._browser.cookies.update(cookies or {})
        self.places: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()

    def get(self, path: str, **said: Any) -> requests.Response:
        return self._browser.get(urljoin(self._url, path), timeout=60, **said)

    def fill_basket(self, variant: int) -> None:
        page = self.get("/products/race-c0/")
        form = next(f for f in forms_of(page.text) if f.action.endswith("/basket/add/"))
        self._send(urljoin(page.url, form.action), form.sent | {"variant": str(variant), "quantity": "1"})

    def buy(self) -> None:
        """Order what is in the basket, with nothing odd in any field."""
        page = self.get("/checkout/")
        form = next(f for f in forms_of(page.text) if "form_token" in f.sent)
        sent = form.sent | {"email": "mina@example.com", **ADDRESS, "coupon": ""}
        assert self._send(page.url, sent).status_code == 303, "The page of the checkout was refused."

    def walk(self, pages: tuple[str, ...], prefixes: tuple[str, ...] = ("", "/ko")) -> None:
        """Type into every field of every form of these pages, in one language or the other."""
        for path in pages:
            self.type_on(self._draw.choice(prefixes) + path)

    def type_on(self, path: str) -> None:
        page = self.get(path)
        if page.status_code != 200 or "text/html" not in page.headers["Content-Type"]:
            return
        for number, form in enumerate(forms_of(page.text)):
            address = urljoin(page.url, form.action)
            if any(part in address for part in _NOT_SENT) and "/accounts/login/" not in path:
                continue
            for name in form.typed:
                self._type(path, address, form, number, name)
            for name in form.files:
                self._upload(path, address, form, name)

    def _type(self, path: str, address: str, form: Form, number: int, name: str) -> None:
        # The proofs of a form are good for one answer; the page is opened anew for each field.
        fresh = list(forms_of(self.get(path).text))
        now = fresh[number] if number < len(fresh) else form
        self.places[f"{urlsplit(address).path} {name}"] += 1
        self._send(address, now.with_text(name, next(self._texts)), now.method)

    def type_over_two_fields(self, pages: tuple[str, ...], halves: Iterator[tuple[str, str]]) -> None:
        """Begin a number in each field of each form and end it in the next one."""
        for path in pages:
            for number, form in enumerate(forms_of(self.get(path).text)):
                address = urljoin(self._url + path, form.action)
                if any(part in address for part in _NOT_SENT):
                    continue
                for one, other in itertools.pairwise(form.typed):
                    fresh = list(forms_of(self.get(path).text))
                    now = fresh[number] if number < len(fresh) else form
                    first, second = next(halves)
                    self.places[f"{urlsplit(address).path} {one} and {other}"] += 1
                    self._send(address, now.with_text(one, first) | {other: second}, now.method)

    def type_over_the_api(self, halves: Iterator[tuple[str, str]]) -> None:
        """The same in the body of an order and of a saved address."""
        for one, other in itertools.pairwise(ADDRESS):
            first, second = next(halves)
            parted = ADDRESS | {one: first, other: second}
            token = self._browser.options(f"{self._url}/api/v1/orders/", timeout=60).json()["notice"]["token"]
            headers = {"X-CSRFToken": self._browser.cookies.get("csrftoken", "")}
            ordered = {"notice": token, "email": "mina@example.com", **parted}
            for path, body in (("orders", ordered), ("addresses", parted)):
                self.places[f"API {path} {one} and {other}"] += 1
                key = {"Idempotency-Key": f'"key-{self._draw.getrandbits(64)}"'}
                address = f"{self._url}/api/v1/{path}/"
                self.answers[self._browser.post(address, json=body, headers=headers | key, timeout=60).status_code] += 1

    def _upload(self, path: str, address: str, form: Form, name: str) -> None:
        self.places[f"{urlsplit(address).path} file name of {name}"] += 1
        sent = form.sent | dict.fromkeys(form.typed, "words")
        self._send(address, sent, files={name: (f"{next(self._texts)}.png", _PICTURE, "image/png")})

    def _send(self, address: str, sent: dict[str, str], method: str = "post", **more: Any) -> requests.Response:
        if method == "get":
            answer = self._browser.get(address, params=sent, timeout=60, allow_redirects=False)
        else:
            answer = self._browser.post(address, data=sent, timeout=60, allow_redirects=False, **more)
        self.answers[answer.status_code] += 1
        return answer

    def type_into_the_request(self) -> None:
        """Where no form is: the address, the query, the headers, the cookies."""
        for path in (
            "/products/{}/",
            "/orders/{}/",
            "/search/?q={}",
            "/products/?category={}",
            "/checkout/?note={}",
            "/ko/{}",
        ):
            self.places[path] += 1
            self.answers[self.get(path.format(quote(next(self._texts)))).status_code] += 1
        for header in ("User-Agent", "Referer", "Accept-Language", "HX-Current-URL", "X-Forwarded-For", "Sec-GPC"):
            self.places[header] += 1
            self.answers[self.get("/products/", headers={header: _plain(next(self._texts))}).status_code] += 1
        for cookie in ("basket", "pref_shop", "cookie_consent", "csrftoken", "messages", "sessionid"):
            self.places[f"cookie {cookie}"] += 1
            alone = requests.get(self._url + "/basket/", cookies={cookie: _plain(next(self._texts))}, timeout=60)
            self.answers[alone.status_code] += 1

    def type_into_the_api(self) -> None:
        """Every field of an order, one that nobody knows, and the key."""
        path = f"{self._url}/api/v1/orders/"
        for name in (*ADDRESS, "email", "coupon", "currency", "expected_total", "note", "notice", "Idempotency-Key"):
            token = self._browser.options(path, timeout=60).json()["notice"]["token"]
            body = {"notice": token, "email": "mina@example.com", **ADDRESS}
            key = f"key-{self._draw.getrandbits(64)}"
            text = next(self._texts)
            if name == "Idempotency-Key":
                key = _plain(text)
            else:
                body[name] = text
            self.places[f"API {name}"] += 1
            headers = {"Idempotency-Key": f'"{key}"', "X-CSRFToken": self._browser.cookies.get("csrftoken", "")}
            answer = self._browser.post(path, json=body, headers=headers, timeout=60)
            self.answers[answer.status_code] += 1
        for name in ADDRESS:
            self.places[f"API address {name}"] += 1
            token = self._browser.cookies.get("csrftoken", "")
            answer = self._browser.post(
                f"{self._url}/api/v1/addresses/",
                json=ADDRESS | {name: next(self._texts)},
                headers={"X-CSRFToken": token},
                timeout=60,
            )
            self.answers[answer.status_code] += 1

    def walk_the_desk(self) -> None:
        """Staff: the search and the forms of every table that the desk shows."""
        index = self.get("/admin/").text
        for table in sorted(set(re.findall(r'href="(/admin/\w+/\w+/)"', index))):
            listing = self.get(table)
            rows = re.findall(rf'href="({re.escape(table)}[\w-]+/(?:change/)?)"', listing.text)[:1]
            for path in (table, f"{table}add/", *rows):
                self.type_on(path)


def _plain(text: str) -> str:
    """As a header can carry it."""
    return quote(text) if not text.isascii() else text


def endless(texts: list[T]) -> Iterator[T]:
    return itertools.cycle(texts)
