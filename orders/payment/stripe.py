"""Stripe Checkout behind the store's protocol: the shopper pays on Stripe's page, and the store asks what came of it.

Chosen by `PAYMENT_PROVIDER=orders.payment.stripe.StripeProvider`; needs the package `stripe`, which the store itself
does without.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests
import stripe

from orders.payment import signature
from orders.payment import stripe_shapes as shapes
from orders.payment.provider import (
    ForgedWebhook,
    Forgotten,
    Intent,
    IntentRequest,
    IntentState,
    NotForUs,
    ProviderRefused,
    ProviderUnavailable,
    Refund,
    WebhookEvent,
)

logger = logging.getLogger(__name__)
# Its messages at the level of debugging hold what it sends and receives.
logging.getLogger("stripe").setLevel(logging.WARNING)

HEADER = "Stripe-Signature"
# Seconds to connect and to wait for an answer: a shopper is looking at a spinner meanwhile.
TIME_LIMITS = (3.05, 10)
# The words and shapes that this adapter was written for; a newer account default changes nothing.
API_VERSION = "2025-09-30.clover"
_LOCALES = {"en", "ko", "ja", "zh"}
_WHOLE_STORY = ["payment_intent.latest_charge"]


class StripeProvider:
    def __init__(self, key: str, webhook_secret: str, *, account: str = "", url: str = "") -> None:
        for name, value in (("STRIPE_SECRET_KEY", key), ("STRIPE_WEBHOOK_SECRET", webhook_secret)):
            if not value:
                raise ValueError(f"Payments by Stripe need {name}; set it in the environment.")
        self.account = account
        self._webhook_secret = webhook_secret
        self._is_live = "_live_" in key
        session = requests.Session()
        # A proxy or a .netrc of the machine's must not see or replace the key.
        session.trust_env = False
        self._client = stripe.StripeClient(
            key,
            stripe_account=account or None,
            stripe_version=API_VERSION,
            base_addresses={"api": url} if url else {},
            # The outbox and the shopper try again; a hidden retry would only make them wait.
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIME_LIMITS, session=session),
        ).v1

    @classmethod
    def from_settings(cls) -> StripeProvider:
        from django.conf import settings

        return cls(
            settings.STRIPE_SECRET_KEY,
            settings.STRIPE_WEBHOOK_SECRET,
            account=settings.STRIPE_ACCOUNT,
            url=settings.STRIPE_API_URL,
        )

    def create_intent(self, request: IntentRequest) -> Intent:
        ours = {"payment": request.idempotency_key, "order": request.reference}
        wish = {
            "mode": "payment",
            "client_reference_id": request.reference,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": shapes.to_minor(request.amount, request.currency),
                        "product_data": {"name": request.reference},
                    },
                }
            ],
            "success_url": request.return_url,
            "cancel_url": request.cancel_url,
            "locale": request.locale if request.locale in _LOCALES else "auto",
            "billing_address_collection": "auto",
            # The order is in the buyer's currency already; a second conversion would charge another sum.
            "adaptive_pricing": {"enabled": False},
            "metadata": ours,
            "payment_intent_data": {
                "capture_method": "automatic" if request.capture_at_once else "manual",
                "description": request.reference,
                "metadata": ours,
            },
            "expand": _WHOLE_STORY,
        }
        options = {"idempotency_key": request.idempotency_key}
        return shapes.intent_of(self._ask(lambda: self._client.checkout.sessions.create(wish, options)))

    def retrieve(self, intent_id: str) -> Intent:
        return shapes.intent_of(self._page(intent_id))

    def capture(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Intent:
        payment = self._payment_of(intent_id)
        wish = {"amount_to_capture": shapes.to_minor(amount, currency)}
        options = {"idempotency_key": idempotency_key}
        self._ask(lambda: self._client.payment_intents.capture(payment, wish, options))
        return self.retrieve(intent_id)

    def refund(self, intent_id: str, *, amount: Decimal, currency: str, idempotency_key: str) -> Refund:
        payment = self._payment_of(intent_id)
        # Stripe forgets a key after a day, and staff may try again later than that: what was made under it is looked up.
        for made in self._ask(lambda: self._client.refunds.list({"payment_intent": payment, "limit": 100}))["data"]:
            if (made.get("metadata") or {}).get("refund") == idempotency_key and made["status"] != "failed":
                return shapes.refund_of(made, intent_id)
        wish = {
            "payment_intent": payment,
            "amount": shapes.to_minor(amount, currency),
            "metadata": {"refund": idempotency_key},
        }
        options = {"idempotency_key": idempotency_key}
        return shapes.refund_of(self._ask(lambda: self._client.refunds.create(wish, options)), intent_id)

    def cancel(self, intent_id: str) -> Intent:
        page = self._page(intent_id)
        intent = shapes.intent_of(page)
        if intent.state in (IntentState.CANCELLED, IntentState.EXPIRED):
            # Whoever closes a page wants it closed, by whomever.
            return dataclasses.replace(intent, state=IntentState.CANCELLED)
        if intent.state == IntentState.REQUIRES_CAPTURE:
            payment = page["payment_intent"]["id"]
            self._ask(lambda: self._client.payment_intents.cancel(payment))
        elif page["status"] == "open":
            self._ask(lambda: self._client.checkout.sessions.expire(intent_id))
        else:
            raise ProviderRefused(
                f"The payment can no longer be cancelled: it is {intent.state}.", code="not_cancellable"
            )
        return dataclasses.replace(self.retrieve(intent_id), state=IntentState.CANCELLED)

    def forget(self, intent_id: str) -> Forgotten:
        """Delete the customer, where one was made of the shopper. Of the payment itself Stripe keeps what its law asks for."""
        try:
            page = self._page(intent_id)
        except ProviderRefused as refused:
            if refused.code == "not_found":
                return Forgotten.NOT_HELD
            raise
        intent = shapes.intent_of(page)
        if not intent.state.is_final:
            return Forgotten.STILL_NEEDED
        for customer in shapes.customers_of(page):
            try:
                self._ask(lambda customer=customer: self._client.customers.delete(customer))
            except ProviderRefused as refused:
                if refused.code != "not_found":
                    raise
        return Forgotten.KEPT_BY_LAW if isinstance(page["payment_intent"], Mapping) else Forgotten.NOT_HELD

    def list_intents(self, since: datetime) -> Iterator[Intent]:
        """Every page, and every payment that was made without one of our pages."""
        wish = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        of_pages = set()
        for page in self._every(
            lambda **more: self._client.checkout.sessions.list(_expanded(wish | more, _WHOLE_STORY))
        ):
            if page["mode"] != "payment":
                continue
            intent = shapes.intent_of(page)
            if isinstance(page["payment_intent"], Mapping):
                of_pages.add(page["payment_intent"]["id"])
            yield intent
        for payment in self._every(
            lambda **more: self._client.payment_intents.list(_expanded(wish | more, ["latest_charge"]))
        ):
            if payment["id"] not in of_pages and not (payment.get("metadata") or {}).get("payment"):
                yield shapes.stranger_of(payment)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        header = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
        signature.verify(self._webhook_secret, body, header, time.time())
        try:
            said = json.loads(body)
            if bool(said["livemode"]) != self._is_live:
                raise NotForUs("A message of the test mode in live operation, or the other way round.")
            read = shapes.event_of(said)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError, ArithmeticError):
            raise ForgedWebhook("The message is signed but is no event of this provider; nothing was done.") from None
        if read is None:
            raise NotForUs("The message is not about a payment of this store.")
        event, payment = read
        return event if event.intent_id or event.key else self._placed(event, payment)

    def _placed(self, event: WebhookEvent, payment: str) -> WebhookEvent:
        """The page to which a message about a dispute or a refund belongs, which itself names only the payment."""
        if not payment:
            raise NotForUs("The message is not about a payment of this store.")
        pages = self._ask(lambda: self._client.checkout.sessions.list({"payment_intent": payment, "limit": 1}))["data"]
        if not pages or not (pages[0].get("metadata") or {}).get("payment"):
            raise NotForUs("The message is not about a payment of this store.")
        return dataclasses.replace(event, intent_id=str(pages[0]["id"]))

    def _page(self, intent_id: str) -> Any:
        return self._ask(lambda: self._client.checkout.sessions.retrieve(intent_id, {"expand": _WHOLE_STORY}))

    def _payment_of(self, intent_id: str) -> str:
        payment = self._page(intent_id)["payment_intent"]
        if not isinstance(payment, Mapping):
            raise ProviderRefused("Nobody has paid on this page.", code="not_paid")
        return str(payment["id"])

    def _every(self, ask: Callable[..., Any]) -> Iterator[Any]:
        more: dict[str, str] = {}
        while True:
            answer = self._ask(lambda more=more: ask(**more))
            yield from answer["data"]
            if not answer["has_more"] or not answer["data"]:
                return
            more = {"starting_after": answer["data"][-1]["id"]}

    def _ask(self, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            # As plain data: how the package wraps its answers differs from one of its versions to the next.
            return dict(json.loads(str(call())))
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise _unavailable() from error
        except stripe.StripeError as error:
            # 409: the same request is under way; 5xx: nobody knows. Both are for trying again.
            if error.http_status is None or error.http_status in (409, 429) or error.http_status >= 500:
                raise _unavailable() from error
            logger.warning("The payment provider refused: %s", error.code or type(error).__name__)
            code = error.code or ("key_reused" if isinstance(error, stripe.IdempotencyError) else "refused")
            code = "not_found" if error.http_status == 404 or code == "resource_missing" else code
            raise ProviderRefused(error.user_message or "The payment provider refused.", code=code) from error


def _expanded(wish: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return wish | {"expand": [f"data.{name}" for name in fields]}


def _unavailable() -> ProviderUnavailable:
    return ProviderUnavailable("The payment provider does not answer. Nothing is lost: try again in a moment.")
