"""A courier in the test's own process that keeps what it was told."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
from collections.abc import Mapping

from orders.courier import s10
from orders.courier.provider import (
    CourierRefused,
    CourierUnavailable,
    ParcelWish,
    Registered,
    Scan,
    ScanRefused,
    ScanState,
)
from orders.payment.provider import Forgotten

MOMENT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


class FakeCourier:
    name = "fake"
    wishes: dict[str, ParcelWish]
    numbers: dict[str, str]
    collected: set[str]
    away: bool

    @classmethod
    def from_settings(cls) -> FakeCourier:
        return cls()

    @classmethod
    def begin_anew(cls) -> None:
        cls.wishes, cls.numbers, cls.collected, cls.away = {}, {}, set(), False
        cls.serials = itertools.count(1)

    def register(self, wish: ParcelWish) -> Registered:
        if self.away:
            raise CourierUnavailable("away")
        if wish.idempotency_key not in self.numbers:
            self.numbers[wish.idempotency_key] = s10.number("EE", next(self.serials))
        self.wishes[self.numbers[wish.idempotency_key]] = wish
        return Registered(self.numbers[wish.idempotency_key], base64.b64encode(b"%PDF label").decode())

    def withdraw(self, tracking_number: str) -> None:
        if tracking_number in self.collected:
            raise CourierRefused("too late")

    def forget(self, tracking_number: str) -> Forgotten:
        return Forgotten.FORGOTTEN if self.wishes.pop(tracking_number, None) else Forgotten.NOT_HELD

    def scans(self, tracking_number: str) -> list[Scan]:
        return []

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Scan:
        raise ScanRefused("not by this one")


def scan(number: str, state: str, event: str = "", at: dt.datetime = MOMENT) -> Scan:
    return Scan(event or f"{number}-{state}", number, ScanState(state), at)
