"""What a shop's server may ask of the sandbox: JSON in and out, with a key, amounts in the currency's smallest unit."""

from __future__ import annotations

import hmac
import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import moneyed

from orders.payment.provider import LARGEST_MINOR_AMOUNT, IntentState
from orders.payment.sandbox_server.payments import PAGE, IntentWish, PaymentRefused, Payments
from orders.payment.sandbox_server.texts import language_of
from orders.payment.sandbox_server.wsgi import Answer, Request, Route, json_answer, route

LONGEST_URL = 2000
LONGEST_TEXT = 120
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+")
# Before these the card is a guess of the shopper's and none of the shop's business.
_STATES_WITH_CARD = (IntentState.PROCESSING, IntentState.REQUIRES_CAPTURE, IntentState.SUCCEEDED)


class Api:
    def __init__(self, payments: Payments, key: str, public_url: Callable[[], str]) -> None:
        self._payments = payments
        self._key = key
        self._public_url = public_url

    def routes(self) -> list[Route]:
        return [
            route("GET", "/healthz", lambda request: json_answer(200, {"status": "ok"})),
            route("POST", "/v1/intents", self.create),
            route("GET", "/v1/intents", self.list),
            route("GET", "/v1/intents/<id>", self.retrieve),
            route("POST", "/v1/intents/<id>/capture", self.capture),
            route("POST", "/v1/intents/<id>/cancel", self.cancel),
            route("POST", "/v1/intents/<id>/refunds", self.refund),
            route("POST", "/v1/intents/<id>/forget", self.forget),
        ]

    def create(self, request: Request) -> Answer:
        self._check_key(request)
        wish = request.json()
        read = IntentWish(
            reference=_text(wish, "reference"),
            amount=_amount(wish),
            currency=_currency(wish),
            return_url=_web_address(wish, "return_url"),
            cancel_url=_web_address(wish, "cancel_url"),
            webhook_url=_web_address(wish, "webhook_url"),
            locale=language_of(wish.get("locale")),
            capture_at_once=_flag(wish, "capture_at_once"),
        )
        return json_answer(201, self._shown(self._payments.create(read, _idempotency_key(request))))

    def list(self, request: Request) -> Answer:
        """Payments by their age, a page at a time; `next` is what to send as `after` for the page behind it."""
        self._check_key(request)
        rows = self._payments.list_since(_number(request, "since"), int(_number(request, "after")))
        following = str(rows[-1]["place"]) if len(rows) == PAGE else None
        return json_answer(200, {"intents": [self._shown(row) for row in rows], "next": following})

    def capture(self, request: Request, intent_id: str) -> Answer:
        self._check_key(request)
        wish = request.json()
        held = self._payments.capture(intent_id, _amount(wish), _currency(wish), _idempotency_key(request))
        return json_answer(200, self._shown(held))

    def retrieve(self, request: Request, intent_id: str) -> Answer:
        self._check_key(request)
        return json_answer(200, self._shown(self._payments.find(intent_id)))

    def cancel(self, request: Request, intent_id: str) -> Answer:
        self._check_key(request)
        return json_answer(200, self._shown(self._payments.cancel(intent_id)))

    def refund(self, request: Request, intent_id: str) -> Answer:
        self._check_key(request)
        wish = request.json()
        made = self._payments.refund(intent_id, _amount(wish), _currency(wish), _idempotency_key(request))
        return json_answer(201, {name: made[name] for name in ("id", "intent", "amount", "currency")})

    def forget(self, request: Request, intent_id: str) -> Answer:
        self._check_key(request)
        return json_answer(200, {"answer": self._payments.forget(intent_id)})

    def _check_key(self, request: Request) -> None:
        sent = request.headers.get("authorization", "").encode(errors="replace")
        if not hmac.compare_digest(sent, f"Bearer {self._key}".encode()):
            raise PaymentRefused("The key is not one that this sandbox was started with.", "unauthorised", 401)

    def _shown(self, intent: sqlite3.Row) -> dict[str, Any]:
        instrument = intent["instrument"] if intent["state"] in _STATES_WITH_CARD else None
        return {
            "id": intent["id"],
            "pay_url": f"{self._public_url()}/pay/{intent['id']}",
            "state": intent["state"],
            "amount": intent["amount"],
            "amount_captured": intent["amount_captured"],
            "amount_refunded": intent["amount_refunded"],
            "currency": intent["currency"],
            "reference": intent["reference"],
            "key": intent["key"],
            "account": self._payments.account,
            "instrument": json.loads(instrument) if instrument else None,
        }


def _invalid(sentence: str) -> PaymentRefused:
    return PaymentRefused(sentence, "invalid", 422)


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not _PRINTABLE_ASCII.fullmatch(key) or len(key) > 255:
        raise PaymentRefused("Send an Idempotency-Key of 1 to 255 printable characters.", "key_missing", 400)
    return key


def _text(wish: dict[str, Any], name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT or not value.isprintable():
        raise _invalid(f"{name} must be a printable text of 1 to {LONGEST_TEXT} characters.")
    return value


def _flag(wish: dict[str, Any], name: str) -> bool:
    value = wish.get(name, True)
    if not isinstance(value, bool):
        raise _invalid(f"{name} must be true or false.")
    return value


def _number(request: Request, name: str) -> float:
    typed = request.query.get(name, "0")
    if not _NUMBER.fullmatch(typed):
        raise _invalid(f"{name} must be a number.")
    return float(typed)


def _amount(wish: dict[str, Any]) -> int:
    amount = wish.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= LARGEST_MINOR_AMOUNT:
        raise _invalid("amount must be a positive whole number in the currency's smallest unit.")
    return amount


def _currency(wish: dict[str, Any]) -> str:
    code = wish.get("currency")
    if not isinstance(code, str) or code not in moneyed.CURRENCIES:
        raise _invalid("currency must be an ISO 4217 code in capitals, for example KRW.")
    return code


def _web_address(wish: dict[str, Any], name: str) -> str:
    """A shopper is sent there or a message is posted there: http or https, a plain host, and no way to add a header."""
    value = wish.get(name)
    if isinstance(value, str) and len(value) <= LONGEST_URL and _PRINTABLE_ASCII.fullmatch(value):
        try:
            parts = urlsplit(value)
            acceptable = (
                parts.scheme in {"http", "https"}
                and parts.hostname is not None
                and _HOST.fullmatch(parts.hostname) is not None
                and parts.username is None
                and "\\" not in value
                and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            acceptable = False
        if acceptable:
            return value
    raise _invalid(f"{name} must be a whole http:// or https:// address without a user name.")
