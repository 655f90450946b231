"""People who shop while everything dies around them, and who remember what they were told."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from tests.campaigns.payment_storm.messages import BAD_NEWS
from tests.orders.shop import ADDRESS, hidden

# A person who gets no answer tries again for so long; longer than any outage may last.
PATIENCE_SECONDS = 90
TIME_LIMIT_SECONDS = 15
GOOD, DECLINED, ASKS, SLOW, CLOSED = (
    "4242424242424242",
    "4000000000000002",
    "4000002500003155",
    "4000000000000259",
    "4000000000005126",
)
_CARDS = {GOOD: 60, DECLINED: 8, ASKS: 10, SLOW: 8, CLOSED: 6, "": 8}
_NUMBER = re.compile(r"(K24(?:-[0-9A-Z]{4}){4})")


class GaveUp(Exception):
    """Nobody answered for as long as a person waits."""


@dataclass
class Wish:
    """One thing that somebody wanted to buy, and what they were told of it. The address is theirs alone."""

    email: str
    number: str = ""
    told: list[str] = field(default_factory=list)  # every number that was ever told for this one wish
    total: str = ""
    provider_took: bool = False  # the provider sent the browser on, as it does after a success
    store_thanked: bool = False
    unsure: bool = False  # gave up before an answer


@dataclass
class Memory:
    """The first of the three ledgers: what clients saw."""

    wishes: list[Wish] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    operations: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        with self.lock:
            self.operations += 1

    def accuse(self, words: str) -> None:
        with self.lock:
            self.wrong.append(words)


class Shopper:
    """Somebody with a browser and no account, who buys one thing after another."""

    def __init__(self, url: str, goods: list[tuple[int, str]], memory: Memory, seed: int) -> None:
        self._url, self._goods, self._memory = url, goods, memory
        self._random = random.Random(seed)

    def buy_something(self) -> None:
        """From the shelf to the thanks, or to wherever this one leads."""
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.headers["Referer"] = self._url + "/"
        wish = Wish(f"shopper-{self._random.getrandbits(60):x}@example.com")
        with self._memory.lock:
            self._memory.wishes.append(wish)
        try:
            self._prefix = self._random.choice(["", "/ko"])
            self._fill()
            placed = self._by_api(wish) if self._random.random() < 0.25 else self._by_page(wish)
            if placed:
                self._pay(wish)
        except GaveUp:
            wish.unsure = True
        finally:
            self._browser.close()

    def _fill(self) -> None:
        variant, path = self._random.choice(self._goods)
        page = self._until_answered("GET", self._prefix + path).content
        sent = {"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"), "variant": str(variant)}
        self._until_answered("POST", "/basket/add/", data=sent)

    def _by_page(self, wish: Wish) -> bool:
        for _try in range(3):
            answer = self._until_answered("GET", self._prefix + "/checkout/")
            if answer.status_code != 200:
                return False
            own = ("csrfmiddlewaretoken", "notice", "form_token", "seen_total")
            sent = {name: hidden(answer.content, name) for name in own} | ADDRESS | {"email": wish.email}
            wish.total = sent["seen_total"]
            answer = self._until_answered("POST", self._prefix + "/checkout/", data=sent)
            if answer.status_code == 303 and self._told(wish, answer.headers["Location"]):
                if self._random.random() < 0.2:  # an impatient finger, or the back button
                    again = self._until_answered("POST", self._prefix + "/checkout/", data=sent)
                    self._told(wish, again.headers.get("Location", ""))
                return True
            if answer.status_code != 409:
                return False
        return False

    def _by_api(self, wish: Wish) -> bool:
        token = self._until_answered("OPTIONS", "/api/v1/orders/").json()["notice"]["token"]
        body = {"notice": token, "email": wish.email, **ADDRESS}
        headers = {"Idempotency-Key": f'"{uuid.UUID(int=self._random.getrandbits(128))}"'}

        def send(_n: int) -> requests.Response:
            return self._until_answered("POST", "/api/v1/orders/", json=body, headers=headers)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, range(self._random.choice([1, 1, 2]))))
        for answer in answers:
            if answer.status_code == 201:
                wish.total = answer.json()["total"]
                self._told(wish, answer.json()["number"])
            elif answer.status_code not in (409, 422):
                self._memory.accuse(f"{wish.email}: the API answered {answer.status_code}: {answer.text[:200]}")
        return bool(wish.number)

    def _told(self, wish: Wish, where: str) -> bool:
        found = _NUMBER.search(where)
        if found:
            wish.number = found[1]
            wish.told.append(found[1])
        return bool(found)

    def _pay(self, wish: Wish) -> None:
        address = self._pay_address(wish)
        card = self._random.choices(list(_CARDS), weights=list(_CARDS.values()))[0]
        if not address or not card:
            return
        if card == DECLINED:
            self._type(address, DECLINED)
            card = GOOD if self._random.random() < 0.7 else ""
        if card:
            wish.provider_took = self._type(address, card)
        if card == CLOSED:  # they paid and closed the window; only the provider's message tells the store
            return
        self._look(wish)

    def _pay_address(self, wish: Wish) -> str:
        path = f"{self._prefix}/checkout/pay/{wish.number}/"
        for _try in range(8):
            page = self._until_answered("GET", path)
            if page.status_code != 200:
                return ""
            found = re.search(r'href="(http://[^"]*/pay/[^"]+)"', page.text)
            if found:
                return found[1]
            if "csrfmiddlewaretoken" not in page.text:
                return ""
            token = hidden(page.content, "csrfmiddlewaretoken")
            self._until_answered("POST", path, data={"csrfmiddlewaretoken": token})
        return ""

    def _type(self, address: str, card: str) -> bool:
        """Whether the provider said that it took the money."""
        form = {
            "card_number": card, "expiry": "12/39", "security_code": "123", "cardholder": "Mina Kim", "country": "US",
            "line1": "1600 Amphitheatre Parkway",
        }  # fmt: skip
        answer = self._until_answered("POST", address, data=form)
        if answer.headers.get("Location", "").endswith("/challenge"):
            answer = self._until_answered("POST", f"{address}/challenge", data={"decision": "approve"})
        return answer.status_code == 303 and "/checkout/return/" in answer.headers["Location"]

    def _look(self, wish: Wish) -> None:
        """Back at the store, which asks the provider; nobody reads that a charge failed which did not."""
        path = f"{self._prefix}/checkout/return/{wish.number}/"
        for _try in range(4):
            page = self._until_answered("GET", path)
            if page.status_code == 302 or "thank-you" in page.headers.get("Location", ""):
                thanks = self._until_answered("GET", f"{self._prefix}/checkout/thank-you/{wish.number}/")
                wish.store_thanked = thanks.status_code == 200 and wish.number in thanks.text
                return
            if page.status_code != 200:
                return
            said = [words for words in BAD_NEWS if words in page.text]
            if said and wish.provider_took:
                self._memory.accuse(f"{wish.number}: the page says {said} after a charge")
            token = hidden(page.content, "csrfmiddlewaretoken")
            self._until_answered("POST", f"{path}confirm/", data={"csrfmiddlewaretoken": token})

    def _until_answered(self, method: str, where: str, **said: object) -> requests.Response:
        """Send the same thing until somebody answers, as a person does who presses the button again."""
        self._memory.count()
        address = where if where.startswith("http") else self._url + where
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                answer = self._browser.request(
                    method, address, allow_redirects=False, timeout=TIME_LIMIT_SECONDS, **said
                )
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.3)
        raise GaveUp(urlsplit(address).path)


def crowd(
    url: str, goods: list[tuple[int, str]], memory: Memory, seed: int, people: int, enough: int
) -> ThreadPoolExecutor:
    """Let so many people shop until there were enough operations; the pool ends when the last has gone home."""
    draws = random.Random(seed)

    def shop(mine: int) -> None:
        one = Shopper(url, goods, memory, mine)
        while memory.operations < enough:
            try:
                one.buy_something()
            except Exception as error:
                memory.accuse(f"a shopper met what cannot be: {type(error).__name__}: {error}"[:300])

    pool = ThreadPoolExecutor(people)
    for _ in range(people):
        pool.submit(shop, draws.getrandbits(64))
    return pool
