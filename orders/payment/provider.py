"""What the store asks of any payment provider, in words that belong to no provider and need no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

import moneyed

# An integer that fits every column it may be kept in; far above what a shop sells at once.
LARGEST_MINOR_AMOUNT = 10**15


class IntentState(StrEnum):
    """Where a payment stands; the members compare equal to their plain strings."""

    REQUIRES_PAYMENT = "requires_payment"
    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    # The bank holds the money for the store, which has still to take it or let it go.
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        """True when no shopper and no bank can change the outcome any more."""
        return self in {self.SUCCEEDED, self.FAILED, self.CANCELLED, self.EXPIRED}


@dataclass(frozen=True, slots=True)
class BillingAddress:
    country: str
    postal_code: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardSummary:
    """All that the store may know of a card: never the number, never the security code."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    # Values about a person stay out of reprs, and so out of logs and tracebacks.
    holder: str = field(repr=False)
    token: str = field(repr=False)
    billing_address: BillingAddress | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """One wish to be paid; `amount` is in whole units (12.34 dollars, 12000 won)."""

    reference: str
    amount: Decimal
    currency: str
    return_url: str
    cancel_url: str
    webhook_url: str
    locale: str
    idempotency_key: str
    # False: the money is only held until `capture` takes it.
    capture_at_once: bool = True


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment as the provider knows it; compare amount, currency and reference with the order before believing it."""

    id: str
    pay_url: str
    state: IntentState
    amount: Decimal
    currency: str
    reference: str
    amount_refunded: Decimal = Decimal(0)
    instrument: CardSummary | None = None
    # None where a provider does not tell, which means all or nothing.
    amount_captured: Decimal | None = None
    # The key that the intent was made under, and the account that it was made for; empty where a provider keeps none.
    key: str = ""
    account: str = ""

    @property
    def captured(self) -> Decimal:
        """What was really taken from the card."""
        if self.amount_captured is not None:
            return self.amount_captured
        return self.amount if self.state == IntentState.SUCCEEDED else Decimal(0)


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    intent_id: str
    amount: Decimal
    currency: str


class Topic(StrEnum):
    """What a message is about, in whatever words the provider says it."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """News that something happened to an intent; what happened is asked for with `retrieve`, never read from the event.

    What the event itself says of amount, currency and reference is only compared, so that an odd one is noticed; None
    and empty mean that it says nothing. `key` names the payment where the provider's own id is not the one we know.
    """

    id: str
    kind: str
    intent_id: str
    created_at: datetime
    amount: Decimal | None = None
    currency: str = ""
    reference: str = ""
    account: str = ""
    key: str = ""
    topic: Topic = Topic.PAYMENT


class Forgotten(StrEnum):
    """What a provider or a courier did when it was asked to forget whose payment or parcel it was."""

    FORGOTTEN = "forgotten"
    NOT_HELD = "not_held"
    KEPT_BY_LAW = "kept_by_law"
    # Money or a parcel is on its way: it is to be asked again.
    STILL_NEEDED = "still_needed"


class PaymentError(Exception):
    """The text is a sentence that may be shown to staff."""


class ProviderUnavailable(PaymentError):
    """Nobody knows whether the call took effect; repeat it with the same idempotency key."""


class ProviderRefused(PaymentError):
    """The provider understood and said no; `code` is its short word for why. Repeating changes nothing."""

    def __init__(self, sentence: str, code: str = "refused") -> None:
        super().__init__(sentence)
        self.code = code


class WebhookRefused(PaymentError):
    """A message that must not be acted upon."""


class NotForUs(PaymentError):
    """The message is the provider's, and about something that has nothing to do with payments of this store."""


class ForgedWebhook(WebhookRefused):
    """The message was not signed with the secret that the provider and the store share."""


class StaleWebhook(WebhookRefused):
    """The signature is right, but its time is too far from now: perhaps a recording played again."""


class PaymentProvider(Protocol):
    """`account` is whose money the keys of this store reach; empty where the provider has only one."""

    account: str

    @classmethod
    def from_settings(cls) -> PaymentProvider: ...

    def create_intent(self, request: IntentRequest) -> Intent:
        """Open a payment; the same key and request answer with the same intent."""

    def retrieve(self, intent_id: str) -> Intent:
        """The provider's present word on a payment: the only thing an order may be marked paid upon."""

    def capture(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Intent:
        """Take the held money, or a part of it and let the rest go. Once; asking twice with one key is once."""

    def refund(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Refund:
        """Give back all or part of what was captured."""

    def cancel(self, intent_id: str) -> Intent:
        """Close a payment that nobody has paid, or let held money go; refused once money was taken or is on its way.

        Twice is the same as once.
        """

    def forget(self, intent_id: str) -> Forgotten:
        """Forget whose payment it was, and keep what the books need: sums, days, states. Twice is the same as once."""

    def list_intents(self, since: datetime) -> Iterator[Intent]:
        """Every payment that was opened at or after a moment, for comparing two sets of books."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The event in a message that proves its sender and its age; raises `ForgedWebhook` or `StaleWebhook`."""


def minor_units(currency: str) -> int:
    """How many of the smallest unit make one whole: 100 for USD, 1 for KRW and JPY (ISO 4217)."""
    try:
        return moneyed.get_currency(currency).sub_unit
    except moneyed.CurrencyDoesNotExist:
        raise ValueError(f"{currency!r} is no ISO 4217 currency code.") from None


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in the smallest unit; refuses what would have to be rounded, so that no cent is made or lost here."""
    if isinstance(amount, float):
        raise TypeError("Money is never a float; pass a Decimal.")
    minor = Decimal(amount) * minor_units(currency)
    if not minor.is_finite() or abs(minor) > LARGEST_MINOR_AMOUNT:
        raise ValueError(f"{amount} is no amount of money that can be paid.")
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} {currency} has a smaller part than {currency} has coins; round it before paying.")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount in whole units, with exactly the currency's decimals. Raises `TypeError` for what is no whole number."""
    return Decimal(whole(minor)).scaleb(1 - len(str(minor_units(currency))))


def whole(minor: Any) -> int:
    """A number of the smallest unit, as a message gave it: rounded, 1050.7 would become an amount that nobody named."""
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise TypeError("A whole number of the smallest unit was expected.")
    return minor
