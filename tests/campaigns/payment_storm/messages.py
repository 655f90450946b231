"""What reaches the store in a storm: true messages again and again, forged ones, lies that are signed, and people."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import RequestFactory
from django.utils import timezone

from orders.domain import giving_up, payment
from orders.domain.giving_up import cancel_unpaid
from orders.models import Order
from orders.payment.signature import HEADER, sign
from orders.views.webhook import payment_webhook
from privacy.outbox import deliver_due
from tests.campaigns.payment_storm.books import Planted
from tests.campaigns.payment_storm.pages import text_of
from tests.campaigns.payment_storm.shoppers import Figures, Sale

BAD_NEWS = ("refused", "Nothing was charged", "not paid in time")


class Messages:
    """Delivers what a provider says in every order it can arrive in, among what others say."""

    random: random.Random
    sandbox: Any
    mailbox: Any
    planted: Planted
    figures: Figures
    lock: threading.Lock
    late: list[Callable[[], None]]

    def deliveries(self, sales: list[Sale]) -> list[Callable[[], None]]:
        """Every deed of this batch, shuffled; some messages are kept for a later batch."""
        deeds: list[Callable[[], None]] = []
        for body in self.mailbox.take():
            copies = [lambda b=body: self._deliver(b)] * self.random.randint(1, 5)
            late = self.random.random() < 0.1
            (self.late if late else deeds).extend(copies)
            deeds += self._forgeries(body) + self._lies(body)
        for sale in sales:
            chance = self.random.random()
            # A page that the store never heard of was shown to nobody, so nobody's time on it runs out.
            if sale.fate == "abandoned" or (chance < 0.05 and sale.fate != "store_died"):
                deeds.append(lambda s=sale: self._give_up(s))
            if chance < 0.3:
                deeds.append(lambda s=sale: self._look(s, "confirm"))
            if chance > 0.8:
                deeds.append(lambda s=sale: self._look(s, "pay"))
        deeds += [self._sweep] * 2
        self.random.shuffle(deeds)
        return deeds

    def _deliver(self, body: bytes) -> None:
        status = self._send(body, int(time.time()), self.sandbox.webhook_secret)
        with self.lock:
            self.figures.deliveries += 1
            if status != 200:
                self.figures.wrong.append(f"a true message was answered with {status}")

    def _send(self, body: bytes, moment: int, secret: str, sent: bytes | None = None, header: str | None = None) -> int:

        proof = sign(secret, body, moment) if header is None else header
        request = RequestFactory().post(
            "/payments/webhook/",
            body if sent is None else sent,
            content_type="application/json",
            headers={HEADER: proof},
        )
        return payment_webhook(request).status_code

    def _forgeries(self, body: bytes) -> list[Callable[[], None]]:
        now, secret = int(time.time()), self.sandbox.webhook_secret
        event = json.loads(body)
        forged_id = f"evt_forged_{uuid4().hex}"
        forged = json.dumps(event | {"id": forged_id, "kind": "payment.succeeded"}).encode()
        ways: list[Callable[[], int]] = [
            lambda: self._send(forged, now, "guess"),
            lambda: self._send(body, now, secret, sent=forged),
            lambda: self._send(forged, now - 400, secret),
            lambda: self._send(forged, now + 400, secret),
            lambda: self._send(forged, now, secret, header=""),
            lambda: self._send(forged, now, secret, header=f"t={now},v1={'0' * 64}"),
        ]
        if self.random.random() > 0.4:
            return []
        way = self.random.choice(ways)
        self.planted.forged.add(forged_id)

        def deed() -> None:
            status = way()
            with self.lock:
                self.figures.forged += 1
                if status != 400:
                    self.figures.wrong.append(f"a forged message was answered with {status}")

        return [deed]

    def _lies(self, body: bytes) -> list[Callable[[], None]]:
        """Messages that prove the secret and are still not true: about other sums, orders, accounts, payments."""
        event = json.loads(body)
        if self.random.random() > 0.08 or event["intent"] in self.planted.bent | self.planted.strangers:
            return []
        lie_id = f"evt_lie_{uuid4().hex}"
        bend, kind = self.random.choice(
            [
                ({"amount": event["amount"] + 1}, "event_disagrees"),
                ({"currency": "CHF", "amount": 5}, "event_disagrees"),
                ({"reference": "K24-SOMEBODY-ELSE"}, "event_disagrees"),
                ({"account": "acct_other"}, "other_account"),
                ({"intent": f"pi_{lie_id}"}, "unknown_payment"),
            ]
        )
        lie = {name: value for name, value in event.items() if name != "refund"}
        lie = json.dumps(lie | bend | {"id": lie_id, "kind": "payment.succeeded"}).encode()
        self.planted.lies[f"pi_{lie_id}" if kind == "unknown_payment" else lie_id] = kind

        def deed() -> None:
            if (status := self._send(lie, int(time.time()), self.sandbox.webhook_secret)) != 200:
                with self.lock:
                    self.figures.wrong.append(f"a lying message was answered with {status}")
            with self.lock:
                self.figures.lies += 1

        return [deed] * self.random.randint(1, 3)

    def _give_up(self, sale: Sale) -> None:
        """The shopper's time is over: the goods go back, unless money came first."""

        past = timezone.now() - timedelta(seconds=1)
        Order.objects.filter(pk=sale.order.pk).update(expires_at=past)
        cancel_unpaid(sale.order.pk)

    def _look(self, sale: Sale, page: str) -> None:
        """A shopper looks at a page of the store; after a charge it must not say that nothing was charged."""
        taken = any(self._is_taken(intent) for intent in sale.intents if intent not in self.planted.strangers)
        text = text_of(sale.order, page)
        with self.lock:
            self.figures.pages += 1
            # A store that was told the contrary shows the order as it knows it, until it has asked on the return page.
            if taken and (page == "confirm" or sale.fate != "too_late"):
                said = [words for words in BAD_NEWS if words in text]
                self.figures.wrong += [f"{sale.fate}: the {page} page says {said} after a charge"] * bool(said)

    def _is_taken(self, intent: str) -> bool:
        path = f"file:{self.sandbox.state / 'sandbox.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as books:
            return bool(books.execute("SELECT amount_captured FROM intent WHERE id = ?", (intent,)).fetchone()[0])

    def _sweep(self) -> None:
        payment.catch_up(20)
        giving_up.cancel_overdue()
        deliver_due(20)
