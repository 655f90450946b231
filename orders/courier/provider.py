"""What the store asks of any courier, in words that belong to none and need no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from orders.payment.provider import Forgotten


class ScanState(StrEnum):
    """How far a parcel is, as couriers say it."""

    REGISTERED = "registered"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class ParcelWish:
    """What a courier is told of a parcel. `address` holds what `disclose()` gave out, and nothing besides."""

    address: Mapping[str, str] = field(repr=False)
    weight_g: int
    # What is inside, for customs: (name, pieces, HS code, value in the currency's whole units).
    contents: tuple[tuple[str, int, str, str], ...]
    currency: str
    webhook_url: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Registered:
    """The courier's answer: its number, and the label as a PDF in base 64."""

    tracking_number: str
    label: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that happened to a parcel."""

    event_id: str
    tracking_number: str
    state: ScanState
    happened_at: datetime


class CourierError(Exception):
    """Something about the courier; the text is for staff."""


class CourierUnavailable(CourierError):
    """It does not answer: try again later, with the same key."""


class CourierRefused(CourierError):
    """It answered no, and will again."""


class ScanRefused(CourierError):
    """A message proves nothing: not signed, too old, or no scan."""


class CourierProvider(Protocol):
    """A courier. `register` with the same key again is the same parcel."""

    name: str

    def register(self, wish: ParcelWish) -> Registered: ...

    def withdraw(self, tracking_number: str) -> None: ...

    def scans(self, tracking_number: str) -> list[Scan]: ...

    def forget(self, tracking_number: str) -> Forgotten:
        """Forget to whom a parcel went, and keep what the books need: its number and its scans. Twice is as once."""
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Scan: ...
