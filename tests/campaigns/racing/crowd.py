"""A crowd of buyers over real HTTP: each with cookies of their own, all sending the checkout page at one moment."""

from __future__ import annotations

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import requests

from tests.orders.shop import ADDRESS, CONTACT, hidden

PATIENCE_SECONDS = 120


class Buyer:
    """Somebody with a browser and no account."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.browser = requests.Session()
        self.browser.headers["Referer"] = url + "/"
        self.sent: dict[str, str] = {}

    def fill_the_basket(self, path: str, variants: list[int]) -> None:
        page = self._get(path)
        for variant in variants:
            token = hidden(page, "csrfmiddlewaretoken")
            answer = self._ask("POST", "/basket/add/", {"csrfmiddlewaretoken": token, "variant": str(variant)})
            assert answer.status_code == 303, answer.status_code
        page = self._get("/checkout/")
        own = ("csrfmiddlewaretoken", "notice", "form_token", "seen_total")
        self.sent = {name: hidden(page, name) for name in own} | CONTACT | ADDRESS

    def buy(self) -> int:
        """Send the page; 303 leads to the payment of an order."""
        answer = self._ask("POST", "/checkout/", self.sent)
        if answer.status_code == 303 and not re.search(r"/checkout/pay/", urlsplit(answer.headers["Location"]).path):
            return 0
        return answer.status_code

    def _get(self, path: str) -> bytes:
        answer = self._ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content

    def _ask(self, method: str, path: str, data: dict[str, str] | None = None) -> requests.Response:
        """On a connection of its own: one that is kept open may be closed by the server just when the crowd sets off."""
        try:
            return self.browser.request(
                method, self.url + path, data=data, allow_redirects=False, timeout=PATIENCE_SECONDS
            )
        finally:
            self.browser.close()


def crowd(url: str, path: str, variants: list[int], buyers: int) -> Counter[int]:
    """Let so many buyers put the goods into their baskets, and then all buy at once; how often which answer came."""
    people = [Buyer(url) for _ in range(buyers)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: one.fill_the_basket(path, variants), people))
    line = threading.Barrier(buyers)

    def go(one: Buyer) -> int:
        line.wait(timeout=PATIENCE_SECONDS)
        try:
            return one.buy()
        except requests.RequestException:
            return -1

    with ThreadPoolExecutor(buyers) as pool:
        return Counter(pool.map(go, people))
