"""A storm of payments: batch after batch blows at the store, then it calms down and the books can be compared."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Q
from django.test import override_settings
from django.utils import timezone

from orders.domain import giving_up, payment, reconciling, refunding
from orders.domain.payment import NotPayable, start_payment
from orders.models import Payment, Refund
from privacy.models import Effect, Subject
from privacy.outbox import deliver_due
from tests.campaigns.payment_storm.books import Planted
from tests.campaigns.payment_storm.messages import Messages
from tests.campaigns.payment_storm.shoppers import GOOD, Figures, Sale, Shoppers

BATCH = 200
SLOW_SECONDS = 0.2


class Storm(Shoppers, Messages):
    def __init__(self, seed: int, sandbox: Any, mailbox: Any, *, threads: int = 4) -> None:
        self.random = random.Random(seed)
        self.sandbox, self.mailbox, self.threads = sandbox, mailbox, threads
        self.planted, self.figures = Planted(), Figures()
        self.late: list[Callable[[], None]] = []
        self.lock = threading.Lock()

    def batch(self, count: int) -> None:
        sales = self.open_sales(count)
        kept, self.late = self.late, []
        for holds in (False, True):
            with override_settings(PAYMENT_HOLDS_FIRST=holds):
                self._all(lambda s=sale: self.begin(s) for sale in sales if sale.holds is holds)
        self._all(lambda s=sale: self.shop(s) for sale in sales)
        time.sleep(SLOW_SECONDS)
        self.mailbox.settle()
        self._all(kept + self.deliveries(sales))
        self._all([lambda s=sale: self._try_again(s) for sale in sales if sale.fate == "refused_for_good"])
        self._all([lambda: self._refund_some(sales)])

    def _try_again(self, sale: Sale) -> None:
        """The shopper whose cards were refused comes back with a good one, if the order is still held."""
        try:
            again = start_payment(sale.order).intent_id
        except NotPayable:
            return
        sale.intents.append(again)
        self._type(again, GOOD)

    def _refund_some(self, sales: list[Sale]) -> None:
        """Staff give some of it back: parts, twice, by two people where one is not enough."""
        first, second = Subject.objects.create(), Subject.objects.create()
        paid = Payment.objects.filter(order__in=[s.order.pk for s in sales], state=Payment.State.PAID)
        for charge in paid[: len(sales) // 5]:
            for _ in range(self.random.randint(1, 3)):
                part = (charge.amount * self.random.randint(10, 70) / 100).quantize(Decimal(1))
                try:
                    refund = refunding.propose(charge.pk, part, reason="goodwill", by=first)
                    if refund.state == Refund.State.PROPOSED:
                        refunding.release(refund.pk, by=second)
                except refunding.CannotRefund:
                    break

    def calm(self, since: Any) -> None:
        """No more storm: what is late arrives, and the sweepers do what they do every few seconds."""

        self.mailbox.settle()
        self._all(self.late + [lambda b=body: self._deliver(b) for body in self.mailbox.take()])
        for _round in range(3):
            Payment.objects.filter(state__in=Payment.UNSETTLED).update(ask_at=timezone.now())
            while payment.catch_up() and Payment.objects.filter(ask_at__lte=timezone.now()).exists():
                pass
            giving_up.cancel_overdue()
            Effect.objects.filter(Q(done_at__isnull=True) & ~Q(kind="orders.release_unpaid")).update(
                due_at=timezone.now()
            )
            while deliver_due():
                pass
            reconciling.reconcile(since)
        self.mailbox.settle()
        self._all([lambda b=body: self._deliver(b) for body in self.mailbox.take()])

    def _all(self, deeds: Iterable[Callable[[], None]]) -> None:
        def run(deed: Callable[[], None]) -> None:
            try:
                deed()
            except Exception as error:
                with self.lock:
                    self.figures.wrong.append(f"{type(error).__name__}: {error}")

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, deeds))
            list(pool.map(lambda _n: (time.sleep(0.01), connections.close_all()), range(self.threads * 2)))


def storm(seed: int, intents: int, sandbox: Any, mailbox: Any, say: Callable[[str], None] = print) -> Storm:
    """Let it blow until so many payments were opened, and calm down; the storm knows what went wrong."""
    from django.utils import timezone

    blowing, since = Storm(seed, sandbox, mailbox), timezone.now() - timedelta(minutes=1)
    while blowing.figures.intents < intents:
        blowing.batch(min(BATCH, intents - blowing.figures.intents))
        say(f"{blowing.figures.intents} payments, {blowing.figures.deliveries} messages")
    blowing.calm(since)
    return blowing
