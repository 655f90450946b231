"""The store's side of the sandbox provider: the protocol spoken over real HTTP, with a time limit on every call."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import requests

from orders.payment import signature
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
    from_minor,
    to_minor,
    whole,
)

# Seconds to connect and to wait for an answer: a shopper is looking at a spinner meanwhile.
TIME_LIMITS = (3.05, 10)


class SandboxProvider:
    def __init__(self, url: str, key: str, webhook_secret: str, account: str = "") -> None:
        for name, value in (("url", url), ("key", key), ("webhook_secret", webhook_secret)):
            if not value:
                raise ValueError(f"The payment sandbox needs its {name}; set it in the environment.")
        self._url = url.rstrip("/")
        self._key = key
        self._webhook_secret = webhook_secret
        self.account = account

    @classmethod
    def from_settings(cls) -> SandboxProvider:
        from django.conf import settings

        return cls(
            settings.PAYMENT_SANDBOX_URL,
            settings.PAYMENT_SANDBOX_KEY,
            settings.PAYMENT_WEBHOOK_SECRET,
            settings.PAYMENT_SANDBOX_ACCOUNT,
        )

    def create_intent(self, request: IntentRequest) -> Intent:
        wish = {
            "reference": request.reference,
            "amount": to_minor(request.amount, request.currency),
            "currency": request.currency,
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
            "webhook_url": request.webhook_url,
            "locale": request.locale,
            "capture_at_once": request.capture_at_once,
        }
        return _intent(self._call("POST", "/v1/intents", wish, request.idempotency_key))

    def retrieve(self, intent_id: str) -> Intent:
        return _intent(self._call("GET", f"/v1/intents/{quote(intent_id, safe='')}"))

    def capture(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Intent:
        wish = {"amount": to_minor(amount, currency), "currency": currency}
        path = f"/v1/intents/{quote(intent_id, safe='')}/capture"
        return _intent(self._call("POST", path, wish, idempotency_key))

    def list_intents(self, since: datetime) -> Iterator[Intent]:
        after = "0"
        while after:
            asked = urlencode({"since": f"{max(since.timestamp(), 0):.3f}", "after": after})
            page = self._call("GET", f"/v1/intents?{asked}")
            if not isinstance(page.get("intents"), list):
                raise _not_understood()
            for body in page["intents"]:
                yield _intent(body)
            after = str(page.get("next") or "")

    def refund(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Refund:
        wish = {"amount": to_minor(amount, currency), "currency": currency}
        path = f"/v1/intents/{quote(intent_id, safe='')}/refunds"
        return _refund(self._call("POST", path, wish, idempotency_key))

    def cancel(self, intent_id: str) -> Intent:
        return _intent(self._call("POST", f"/v1/intents/{quote(intent_id, safe='')}/cancel", {}))

    def forget(self, intent_id: str) -> Forgotten:
        try:
            body = self._call("POST", f"/v1/intents/{quote(intent_id, safe='')}/forget", {})
            return Forgotten(body["answer"])
        except ProviderRefused as refused:
            if refused.code == "not_found":
                return Forgotten.NOT_HELD
            raise
        except (KeyError, ValueError) as error:
            raise _not_understood() from error

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        header = next((value for name, value in headers.items() if name.lower() == signature.HEADER.lower()), "")
        signature.verify(self._webhook_secret, body, header, time.time())
        try:
            event = json.loads(body)
            return WebhookEvent(
                id=_text(event["id"]),
                kind=_text(event["kind"]),
                intent_id=_text(event["intent"]),
                created_at=datetime.fromtimestamp(event["created"], tz=UTC),
                **_claims(event),
            )
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            raise ForgedWebhook("The message is signed but is no event of this provider; nothing was done.") from None

    def _call(self, method: str, path: str, wish: dict[str, Any] | None = None, key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            with requests.Session() as session:
                # A proxy or a .netrc of the machine's must not see or replace the key.
                session.trust_env = False
                answer = session.request(
                    method, self._url + path, json=wish, headers=headers, timeout=TIME_LIMITS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise ProviderUnavailable(
                "The payment provider does not answer. Nothing is lost: try again in a moment."
            ) from error
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or answer.status_code >= 500 or answer.status_code == 429:
            raise ProviderUnavailable("The payment provider has trouble answering. Try again in a moment.")
        if not answer.ok:
            raise ProviderRefused(
                str(body.get("detail") or "The payment provider refused."), str(body.get("code") or "refused")
            )
        return body


def _claims(event: dict[str, Any]) -> dict[str, Any]:
    """What the event says of the payment besides its number. A refund's event speaks of the refund's amount."""
    claims = {name: _text(event.get(name, "")) for name in ("currency", "reference", "account")}
    if "refund" in event:
        return claims | {"topic": Topic.REFUND}
    if "amount" not in event:
        return claims
    return claims | {"amount": from_minor(event["amount"], claims["currency"])}


def _intent(body: dict[str, Any]) -> Intent:
    try:
        currency = _text(body["currency"])
        return Intent(
            id=_text(body["id"]),
            pay_url=_web_address(body["pay_url"]),
            state=IntentState(body["state"]),
            amount=from_minor(body["amount"], currency),
            currency=currency,
            reference=_text(body["reference"]),
            amount_refunded=from_minor(body["amount_refunded"], currency),
            instrument=_card(body["instrument"]),
            amount_captured=from_minor(body["amount_captured"], currency),
            key=_text(body["key"]),
            account=_text(body["account"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _not_understood() from error


def _refund(body: dict[str, Any]) -> Refund:
    try:
        currency = _text(body["currency"])
        amount = from_minor(body["amount"], currency)
        return Refund(id=_text(body["id"]), intent_id=_text(body["intent"]), amount=amount, currency=currency)
    except (KeyError, ValueError, TypeError) as error:
        raise _not_understood() from error


def _card(body: dict[str, Any] | None) -> CardSummary | None:
    if body is None:
        return None
    billing = body["billing_address"]
    return CardSummary(
        brand=_text(body["brand"]),
        last4=_text(body["last4"]),
        expiry_month=whole(body["expiry_month"]),
        expiry_year=whole(body["expiry_year"]),
        holder=_text(body["holder"]),
        token=_text(body["token"]),
        billing_address=billing
        and BillingAddress(
            country=_text(billing["country"]),
            postal_code=_text(billing["postal_code"]),
            lines=tuple(_text(line) for line in billing["lines"]),
        ),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("A text was expected.")
    return value


def _web_address(value: Any) -> str:
    """The shopper is sent there, so nothing but a web address will do."""
    if not _text(value).startswith(("http://", "https://")):
        raise ValueError("A web address was expected.")
    return value


def _not_understood() -> ProviderUnavailable:
    return ProviderUnavailable("The payment provider answered in a way that we do not understand. Try again later.")
