"""What shoppers and other people do at the provider while a storm blows."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import requests
from django.utils import timezone

from orders.domain.payment import start_payment
from orders.models import Order, Payment
from orders.payment.provider import IntentRequest
from privacy.models import Subject
from tests.campaigns.payment_storm.books import Planted

GOOD, DECLINED, ASKS, SLOW, CLOSED = (
    "4242424242424242",
    "4000000000000002",
    "4000002500003155",
    "4000000000000259",
    "4000000000005126",
)
FATES = {
    "good": 40, "declined_then_good": 8, "refused_for_good": 5, "bank_asks": 8, "bank_asks_no": 3, "slow": 6,
    "window_closed": 5, "abandoned": 8, "twice": 5, "too_late": 4, "store_died": 4, "bent": 2, "stranger": 2,
}  # fmt: skip


@dataclass
class Sale:
    """One order of the storm, and the pages at the provider on which somebody may pay for it."""

    order: Any
    fate: str
    holds: bool
    intents: list[str] = field(default_factory=list)


@dataclass
class Figures:
    intents: int = 0
    deliveries: int = 0
    forged: int = 0
    lies: int = 0
    pages: int = 0
    wrong: list[str] = field(default_factory=list)


class Shoppers:
    """Opens sales in every way they can go, and pays for them."""

    random: random.Random
    sandbox: Any
    mailbox: Any
    planted: Planted
    figures: Figures
    lock: threading.Lock

    def open_sales(self, count: int) -> list[Sale]:
        """Orders that wait for their payment, as the checkout would have left them."""

        now, sales = timezone.now(), []
        people = Subject.objects.bulk_create([Subject() for _ in range(count)])
        for person in people:
            currency = self.random.choice(["KRW", "USD", "JPY", "EUR"])
            total = Decimal(self.random.randint(100, 9_999_999))
            total = total if currency in ("KRW", "JPY") else total / 100
            order = Order(
                subject=person, language="en", currency=currency, goods_total=0, shipping_total=total, total=total,
                form_token=uuid4(), placed_at=now, expires_at=now + timedelta(hours=1),
            )  # fmt: skip
            fate = self.random.choices(list(FATES), weights=FATES.values())[0]
            sales.append(Sale(order, fate, holds=self.random.random() < 0.25))
        Order.objects.bulk_create(sale.order for sale in sales)
        Payment.objects.bulk_create(
            Payment(order=s.order, provider="SandboxProvider", amount=s.order.total, currency=s.order.currency)
            for s in sales
        )
        return sales

    def begin(self, sale: Sale) -> None:
        payment = Payment.objects.get(order=sale.order)
        if sale.fate == "bent":
            sale.intents.append(self._bent_intent(sale, payment))
        elif sale.fate == "stranger":
            sale.intents += [start_payment(sale.order, payment).intent_id, self._stranger(sale)]
        else:
            sale.intents.append(start_payment(sale.order, payment).intent_id)
        if sale.fate == "store_died":
            Payment.objects.filter(pk=payment.pk).update(intent_id="", pay_url="", ask_at=None)
        elif sale.fate in ("twice", "too_late"):
            # The store was told that this page is closed, and it is not.
            Payment.objects.filter(pk=payment.pk).update(state=Payment.State.CANCELLED)
            if sale.fate == "twice":
                again = Payment.objects.create(
                    order=sale.order, provider="SandboxProvider", amount=payment.amount, currency=payment.currency
                )
                sale.intents.append(start_payment(sale.order, again).intent_id)
            else:
                self._cancelled(sale.order)
        with self.lock:
            self.figures.intents += len(sale.intents)

    def _cancelled(self, order: Any) -> None:

        now = timezone.now()
        Order.objects.filter(pk=order.pk).update(state=Order.State.CANCELLED, cancelled_at=now)

    def _wish(self, order: Any, key: str, **changes: Any) -> Any:
        page = f"{self.mailbox.url}/page"
        wish = {
            "reference": order.number, "amount": order.total, "currency": order.currency, "return_url": page,
            "cancel_url": page, "webhook_url": f"{self.mailbox.url}/hook", "locale": "en", "idempotency_key": key,
        }  # fmt: skip
        return IntentRequest(**wish | changes)

    def _bent_intent(self, sale: Sale, payment: Any) -> str:
        """A page at the provider that is not what the order asks for, and that the store believes to be its own."""
        bend = self.random.choice(
            [{"amount": sale.order.total + 1}, {"currency": "CAD", "amount": Decimal(5)}, {"reference": "K24-OTHER"}]
        )
        intent = self.sandbox.provider().create_intent(self._wish(sale.order, str(payment.key), **bend))
        Payment.objects.filter(pk=payment.pk).update(intent_id=intent.id, pay_url=intent.pay_url)
        self.planted.bent.add(intent.id)
        return intent.id

    def _stranger(self, sale: Sale) -> str:
        """Somebody takes money under the store's account for nothing that the store sold."""
        wish = self._wish(sale.order, f"stranger-{sale.order.pk}", reference="INVOICE-7", amount=Decimal(7))
        intent = self.sandbox.provider().create_intent(wish)
        self.planted.strangers.add(intent.id)
        return intent.id

    def shop(self, sale: Sale) -> None:
        """Everything that this shopper does on the provider's pages."""
        first = sale.intents[0]
        match sale.fate:
            case "declined_then_good":
                self._type(first, DECLINED)
                self._type(first, GOOD)
            case "refused_for_good":
                for _ in range(5):
                    self._type(first, DECLINED)
            case "bank_asks" | "bank_asks_no":
                self._type(first, ASKS)
                self._answer(first, "approve" if sale.fate == "bank_asks" else "refuse")
            case "slow":
                self._type(first, SLOW)
            case "window_closed":
                self._type(first, CLOSED)
            case "abandoned":
                pass
            case "stranger":
                self._type(first, GOOD)
                self._type(sale.intents[1], GOOD)
            case _:
                for intent in sale.intents:
                    self._type(intent, GOOD)

    def _type(self, intent: str, card: str) -> None:
        form = {
            "card_number": card, "expiry": "12/39", "security_code": "123", "cardholder": "Storm", "country": "KR",
            "line1": "1 Storm Road",
        }  # fmt: skip
        self._post(f"/pay/{intent}", form)

    def _answer(self, intent: str, decision: str) -> None:
        self._post(f"/pay/{intent}/challenge", {"decision": decision})

    def _post(self, path: str, form: dict[str, str]) -> None:
        answer = requests.post(self.sandbox.url + path, data=form, allow_redirects=False, timeout=20)
        if answer.status_code not in (303, 402):
            raise AssertionError(f"The provider answered {answer.status_code} to a shopper.")
