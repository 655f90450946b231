"""The store's side of the sandbox courier: the protocol spoken over real HTTP, with a time limit on every call."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

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
from orders.payment import signature
from orders.payment.provider import Forgotten, WebhookRefused

TIME_LIMITS = (3.05, 10)


class SandboxCourier:
    """A courier of letters and parcels whose numbers follow UPU S10."""

    name = "sandbox"

    def __init__(self, url: str, key: str, webhook_secret: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._webhook_secret = webhook_secret

    @classmethod
    def from_settings(cls) -> SandboxCourier:
        from django.conf import settings

        return cls(settings.COURIER_SANDBOX_URL, settings.COURIER_SANDBOX_KEY, settings.COURIER_WEBHOOK_SECRET)

    def register(self, wish: ParcelWish) -> Registered:
        body = self._call(
            "POST",
            "/v1/parcels",
            {
                "address": dict(wish.address),
                "weight_g": wish.weight_g,
                "contents": [list(row) for row in wish.contents],
                "currency": wish.currency,
                "webhook_url": wish.webhook_url,
            },
            wish.idempotency_key,
        )
        number, label = body.get("tracking_number"), body.get("label")
        if not isinstance(number, str) or not s10.is_valid(number) or not isinstance(label, str):
            raise CourierUnavailable("The courier answered in a way that we do not understand. Try again later.")
        return Registered(number, label)

    def withdraw(self, tracking_number: str) -> None:
        self._call("POST", f"/v1/parcels/{quote(tracking_number, safe='')}/withdraw", {})

    def scans(self, tracking_number: str) -> list[Scan]:
        body = self._call("GET", f"/v1/parcels/{quote(tracking_number, safe='')}")
        try:
            return [_scan(row) for row in body["scans"]]
        except (KeyError, TypeError, ValueError) as error:
            raise CourierUnavailable("The courier answered in a way that we do not understand.") from error

    def forget(self, tracking_number: str) -> Forgotten:
        body = self._call("POST", f"/v1/parcels/{quote(tracking_number, safe='')}/forget", {})
        try:
            return Forgotten(body["answer"])
        except (KeyError, ValueError) as error:
            raise CourierUnavailable("The courier answered in a way that we do not understand.") from error

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Scan:
        header = next((value for name, value in headers.items() if name.lower() == signature.HEADER.lower()), "")
        try:
            signature.verify(self._webhook_secret, body, header, time.time())
            return _scan(json.loads(body))
        except (WebhookRefused, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ScanRefused("The message is not a signed scan of our courier; nothing was done with it.") from error

    def _call(self, method: str, path: str, wish: dict[str, Any] | None = None, key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", **({"Idempotency-Key": key} if key else {})}
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method, self._url + path, json=wish, headers=headers, timeout=TIME_LIMITS, allow_redirects=False
                )
            body = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CourierUnavailable("The courier does not answer. Nothing is lost: it is tried again.") from error
        if not isinstance(body, dict) or answer.status_code >= 500:
            raise CourierUnavailable("The courier has trouble answering. It is tried again.")
        if not answer.ok:
            raise CourierRefused(str(body.get("detail") or "The courier refused.")[:200])
        return body


def _scan(row: dict[str, Any]) -> Scan:
    return Scan(
        event_id=str(row["id"])[:80],
        tracking_number=str(row["tracking_number"])[:40],
        state=ScanState(row["state"]),
        happened_at=datetime.fromtimestamp(row["at"], tz=UTC),
    )
