"""A sandbox, a shop that listens to it, and a shopper who types cards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from orders.payment.provider import Intent, IntentRequest
from tests.support.payment_sandbox import PaymentSandbox, Shop

GOOD_CARD = "4242 4242 4242 4242"


@pytest.fixture
def wish(listening_shop: Shop) -> IntentRequest:
    return IntentRequest(
        reference="KM-2026-0001",
        amount=Decimal("12000"),
        currency="KRW",
        return_url=f"{listening_shop.url}/orders/return?order=1",
        cancel_url=f"{listening_shop.url}/checkout/",
        webhook_url=f"{listening_shop.url}/webhook",
        locale="en",
        idempotency_key="order-1",
    )


@pytest.fixture
def new_intent(payment_sandbox: PaymentSandbox, wish: IntentRequest) -> Callable[..., Intent]:
    made = iter(range(1000))

    def create(**changes: Any) -> Intent:
        request = dataclasses.replace(wish, **({"idempotency_key": f"key-{next(made)}"} | changes))
        return payment_sandbox.provider().create_intent(request)

    return create


@pytest.fixture
def type_card() -> Callable[..., requests.Response]:
    """Fill in the card form and send it, as a browser without scripts would."""

    def send(intent: Intent, number: str = GOOD_CARD, **changes: str) -> requests.Response:
        form = {
            "card_number": number,
            "expiry": "08 / 39",
            "security_code": "917",
            "cardholder": "Kim Haneul",
            "country": "KR",
            "postal_code": "06164",
            "line1": "511 Yeongdong-daero",
            "line2": "Seoul",
        } | changes
        return requests.post(intent.pay_url, data=form, allow_redirects=False, timeout=10)

    return send
