"""A payment provider inside the test's own process: its books are a dictionary, and a test may bend its word."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from orders.payment.provider import (
    BillingAddress,
    CardSummary,
    ForgedWebhook,
    Forgotten,
    Intent,
    IntentRequest,
    IntentState,
    ProviderRefused,
    ProviderUnavailable,
    Refund,
    Topic,
    WebhookEvent,
)

OPEN = (IntentState.REQUIRES_PAYMENT, IntentState.REQUIRES_ACTION, IntentState.REQUIRES_CAPTURE)

CARD = CardSummary(
    brand="visa",
    last4="4242",
    expiry_month=7,
    expiry_year=2031,
    holder="MINA KIM",
    token="tok_test",
    billing_address=BillingAddress("US", "94043", ("1600 Amphitheatre Pkwy",)),
)


@dataclass
class Books:
    intents: dict[str, Intent] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    requests: list[IntentRequest] = field(default_factory=list)
    asked: int = 0
    down: bool = False
    # Intents whose money is held before it is taken, and refunds by their key.
    holding: set[str] = field(default_factory=set)
    refunds: dict[str, Refund] = field(default_factory=dict)
    refuse_refunds: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class FakeProvider:
    """Speaks the protocol of `orders.payment.provider`; what happened stands in `books`."""

    books: ClassVar[Books] = Books()
    account = ""

    @classmethod
    def from_settings(cls) -> FakeProvider:
        return cls()

    @classmethod
    def settle(cls, intent_id: str, state: IntentState = IntentState.SUCCEEDED, **bent: Any) -> None:
        """Let something happen at the provider, without telling the store."""
        card = CARD if state in (IntentState.SUCCEEDED, IntentState.REQUIRES_CAPTURE) else None
        cls.books.intents[intent_id] = replace(cls.books.intents[intent_id], state=state, instrument=card, **bent)

    def create_intent(self, request: IntentRequest) -> Intent:
        self._answer()
        with self.books.lock:
            self.books.requests.append(request)
            if request.idempotency_key not in self.books.by_key:
                number = f"pi_{len(self.books.intents) + 1}"
                self.books.by_key[request.idempotency_key] = number
                self.books.intents[number] = Intent(
                    id=number,
                    pay_url=f"https://pay.example/{number}",
                    state=IntentState.REQUIRES_PAYMENT,
                    amount=request.amount,
                    currency=request.currency,
                    reference=request.reference,
                    key=request.idempotency_key,
                )
                self.books.holding |= set() if request.capture_at_once else {number}
            return self.books.intents[self.books.by_key[request.idempotency_key]]

    def retrieve(self, intent_id: str) -> Intent:
        self._answer()
        with self.books.lock:
            self.books.asked += 1
        if intent_id not in self.books.intents:
            raise ProviderRefused("There is no such payment.", "not_found")
        return self.books.intents[intent_id]

    def capture(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Intent:
        self._answer()
        if self.books.intents[intent_id].state != IntentState.REQUIRES_CAPTURE:
            raise ProviderRefused("Nothing is held.", "not_capturable")
        self.settle(intent_id, IntentState.SUCCEEDED, amount_captured=amount)
        return self.books.intents[intent_id]

    def refund(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Refund:
        self._answer()
        with self.books.lock:
            if idempotency_key in self.books.refunds:
                return self.books.refunds[idempotency_key]
            intent = self.books.intents[intent_id]
            if self.books.refuse_refunds or amount > intent.captured - intent.amount_refunded:
                raise ProviderRefused("The bank said no.", "refund_too_large")
            made = Refund(f"re_{len(self.books.refunds) + 1}", intent_id, amount, currency)
            self.books.refunds[idempotency_key] = made
            self.books.intents[intent_id] = replace(intent, amount_refunded=intent.amount_refunded + amount)
            return made

    def cancel(self, intent_id: str) -> Intent:
        self._answer()
        intent = self.books.intents[intent_id]
        if intent.state not in (*OPEN, IntentState.CANCELLED):
            raise ProviderRefused("Too late.", "not_cancellable")
        self.settle(intent_id, IntentState.CANCELLED)
        return self.books.intents[intent_id]

    def forget(self, intent_id: str) -> Forgotten:
        self._answer()
        if intent_id not in self.books.intents:
            return Forgotten.NOT_HELD
        if not self.books.intents[intent_id].state.is_final:
            return Forgotten.STILL_NEEDED
        self.books.intents[intent_id] = replace(self.books.intents[intent_id], instrument=None)
        return Forgotten.FORGOTTEN

    def list_intents(self, since: datetime) -> Iterator[Intent]:
        self._answer()
        yield from list(self.books.intents.values())

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        if headers.get("X-Signature") != "good":
            raise ForgedWebhook("Not signed.")
        event = json.loads(body)
        amount = Decimal(event["amount"]) if "amount" in event else None
        return WebhookEvent(
            event["id"],
            event["kind"],
            event["intent"],
            datetime.now(tz=UTC),
            amount=amount,
            topic=Topic(event.get("topic", "payment")),
            **{name: event.get(name, "") for name in ("currency", "reference", "account", "key")},
        )

    def _answer(self) -> None:
        if self.books.down:
            raise ProviderUnavailable("The provider does not answer.")
