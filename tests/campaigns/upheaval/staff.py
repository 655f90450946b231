"""Staff who pack, cancel and give back through the same domain functions as the desk, whatever dies meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from decimal import Decimal

from django.db import DatabaseError, connection, connections

from orders.domain import cancelling, parcels, refunding
from orders.models import Order, Payment, Refund
from orders.payment.provider import minor_units
from privacy.models import Subject
from tests.campaigns.upheaval.shoppers import Memory


class Staff(threading.Thread):
    """One busy hand; what fails because the database is gone is simply done later."""

    def __init__(self, memory: Memory, seed: int) -> None:
        super().__init__(daemon=True)
        self._memory, self._random, self._ended = memory, random.Random(seed), threading.Event()
        self._handled: set[int] = set()
        self.done = {"packed": 0, "cancelled": 0, "refunded": 0}

    def run(self) -> None:
        while not self._ended.wait(0.25):
            try:
                self._do_something()
            except DatabaseError:
                connection.close()
            except Exception as error:
                self._memory.accuse(f"staff met what cannot be: {type(error).__name__}: {error}"[:300])
        connections.close_all()

    def end(self) -> None:
        self._ended.set()
        self.join(30)

    def _do_something(self) -> None:
        waiting = Order.objects.filter(state=Order.State.PAID, fulfilment=Order.Fulfilment.WAITING)
        order = waiting.exclude(pk__in=self._handled).order_by("pk").first()
        if order is None:
            return
        # Whether the commit was heard or not, this one is not tried again: the checker asks what came of it.
        self._handled.add(order.pk)
        self._memory.count()
        what = self._random.choices(["packed", "cancelled", "refunded"], weights=[7, 2, 1])[0]
        deeds: dict[str, Callable[[Order], object]] = {
            "packed": lambda one: parcels.pack(one.pk),
            "cancelled": lambda one: cancelling.cancel(one.pk, by=Subject.objects.create()),
            "refunded": self._give_some_back,
        }
        deeds[what](order)
        self.done[what] += 1

    def _give_some_back(self, order: Order) -> None:
        payment = order.payments.get(state=Payment.State.PAID)
        smallest = Decimal(1) / minor_units(payment.currency)
        part = (payment.amount * self._random.randint(5, 60) / 100).quantize(smallest)
        refund = refunding.propose(payment.pk, part, reason=Refund.Reason.GOODWILL, by=Subject.objects.create())
        if refund.state == Refund.State.PROPOSED:
            refunding.release(refund.pk, by=Subject.objects.create())
