"""What Stripe's objects mean in the store's words: states, amounts, cards and events, read with distrust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from orders.payment.provider import (
    LARGEST_MINOR_AMOUNT,
    BillingAddress,
    CardSummary,
    Intent,
    IntentState,
    ProviderUnavailable,
    Refund,
    Topic,
    WebhookEvent,
    whole,
)

# Stripe's own table, which is not ISO 4217's: the ariary has five parts there and none here.
_WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Written with two decimals for old programs' sake, of which only .00 exists.
_WHOLE_BUT_WRITTEN_WITH_CENTS = frozenset(["ISK", "UGX"])

_OF_THE_BANK = {
    "succeeded": IntentState.SUCCEEDED,
    "requires_capture": IntentState.REQUIRES_CAPTURE,
    "processing": IntentState.PROCESSING,
    "canceled": IntentState.CANCELLED,
    # On a page that is complete, the slow bank said no in the end and the page is not open for another card.
    "requires_payment_method": IntentState.FAILED,
}
_TOPICS = (
    ("checkout.session.", Topic.PAYMENT),
    ("payment_intent.", Topic.PAYMENT),
    ("charge.dispute.", Topic.DISPUTE),
    ("charge.refund", Topic.REFUND),
    ("refund.", Topic.REFUND),
)


def to_minor(amount: Decimal, currency: str) -> int:
    """The number that Stripe wants for an amount; refuses what would have to be rounded."""
    if isinstance(amount, float):
        raise TypeError("Money is never a float; pass a Decimal.")
    minor = Decimal(amount) * _parts(currency)
    step = {1000: 10, 100: 100 if currency in _WHOLE_BUT_WRITTEN_WITH_CENTS else 1}.get(_parts(currency), 1)
    if not minor.is_finite() or abs(minor) > LARGEST_MINOR_AMOUNT or minor % step:
        raise ValueError(f"{amount} {currency} is no amount that Stripe can take; round it before paying.")
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount in whole units."""
    return Decimal(whole(minor)).scaleb(1 - len(str(_parts(currency))))


def _parts(currency: str) -> int:
    if currency in _WHOLE:
        return 1
    return 1000 if currency in _THOUSANDTHS else 100


def intent_of(session: Any) -> Intent:
    """A Checkout Session with its payment expanded, as the store understands a payment."""
    try:
        payment = session["payment_intent"] if isinstance(session["payment_intent"], Mapping) else None
        currency = str(session["currency"]).upper()
        charge = _charge(payment)
        taken = whole(payment["amount_received"] or 0) if payment else 0
        return Intent(
            id=str(session["id"]),
            pay_url=_web_address(session.get("url")),
            state=_state(session, payment),
            amount=from_minor(session["amount_total"], currency),
            currency=currency,
            reference=str(session.get("client_reference_id") or ""),
            amount_refunded=from_minor(charge.get("amount_refunded") or 0, currency),
            instrument=_card(charge) if taken or charge.get("captured") is False else None,
            amount_captured=from_minor(taken, currency),
            key=str((session.get("metadata") or {}).get("payment") or ""),
        )
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise not_understood() from error


def stranger_of(payment: Any) -> Intent:
    """A payment that was not made on one of our pages; it has no page of its own."""
    try:
        currency = str(payment["currency"]).upper()
        charge = _charge(payment)
        return Intent(
            id=str(payment["id"]),
            pay_url="",
            state=_OF_THE_BANK.get(payment["status"], IntentState.PROCESSING),
            amount=from_minor(payment["amount"], currency),
            currency=currency,
            reference=str(payment.get("description") or ""),
            amount_refunded=from_minor(charge.get("amount_refunded") or 0, currency),
            amount_captured=from_minor(payment["amount_received"] or 0, currency),
        )
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise not_understood() from error


def customers_of(session: Any) -> list[str]:
    """The customers that Stripe made of whoever paid on a page: by the page, and by its payment; mostly none."""
    payment = session.get("payment_intent")
    named = [session.get("customer"), payment.get("customer") if isinstance(payment, Mapping) else None]
    keys = [one["id"] if isinstance(one, Mapping) else one for one in named if one]
    return list(dict.fromkeys(map(str, keys)))


def _state(session: Any, payment: Any) -> IntentState:
    if session["status"] == "expired":
        return IntentState.EXPIRED
    if session["status"] == "open":
        asks = payment is not None and payment["status"] == "requires_action"
        return IntentState.REQUIRES_ACTION if asks else IntentState.REQUIRES_PAYMENT
    if payment is None:
        raise ValueError("A page that is complete has a payment.")
    return _OF_THE_BANK.get(payment["status"], IntentState.PROCESSING)


def _charge(payment: Any) -> Any:
    charge = payment.get("latest_charge") if payment else None
    return charge if isinstance(charge, Mapping) else {}


def _card(charge: Any) -> CardSummary | None:
    card = (charge.get("payment_method_details") or {}).get("card")
    if not card:
        return None
    details = charge.get("billing_details") or {}
    address = details.get("address") or {}
    lines = tuple(str(address[part]) for part in ("line1", "line2", "city", "state") if address.get(part))
    billing = BillingAddress(str(address.get("country") or ""), str(address.get("postal_code") or ""), lines)
    return CardSummary(
        brand=str(card.get("brand") or ""),
        last4=str(card.get("last4") or ""),
        expiry_month=int(card.get("exp_month") or 0),
        expiry_year=int(card.get("exp_year") or 0),
        holder=str(details.get("name") or ""),
        token=str(charge.get("payment_method") or ""),
        billing_address=billing if address.get("country") else None,
    )


def refund_of(refund: Any, session_id: str) -> Refund:
    try:
        currency = str(refund["currency"]).upper()
        amount = from_minor(refund["amount"], currency)
        return Refund(id=str(refund["id"]), intent_id=session_id, amount=amount, currency=currency)
    except (KeyError, ValueError, TypeError) as error:
        raise not_understood() from error


def event_of(body: Mapping[str, Any]) -> tuple[WebhookEvent, str] | None:
    """The event, and the payment's own id where only that tells which page it was; None when it is about other things.

    Raises `KeyError`, `TypeError` or `ValueError` for what is no event at all.
    """
    kind = str(body["type"])
    topic = next((topic for prefix, topic in _TOPICS if kind.startswith(prefix)), None)
    about = body["data"]["object"]
    if topic is None or not isinstance(about, Mapping):
        return None
    is_page = about.get("object") == "checkout.session"
    is_payment = about.get("object") == "payment_intent"
    key = str((about.get("metadata") or {}).get("payment") or "")
    currency = str(about.get("currency") or "").upper()
    minor = about.get("amount_total") if is_page else about.get("amount") if is_payment else None
    bank_id = str(about["id"] if is_payment else about.get("payment_intent") or "")
    event = WebhookEvent(
        id=str(body["id"]),
        kind=kind,
        intent_id=str(about["id"]) if is_page else "",
        created_at=datetime.fromtimestamp(int(body["created"]), tz=UTC),
        amount=from_minor(minor, currency) if minor is not None else None,
        currency=currency,
        reference=str(about.get("client_reference_id") or "") if is_page else "",
        account=str(body.get("account") or ""),
        key=key,
        topic=topic,
    )
    if is_page and not key:
        return None  # a page that another program of the same account opened
    return event, bank_id


def _web_address(value: Any) -> str:
    """A page that is closed has no address any more; any other thing than a web address is no place to send people."""
    if value is None:
        return ""
    if not str(value).startswith(("http://", "https://")):
        raise ValueError("A web address was expected.")
    return str(value)


def not_understood() -> ProviderUnavailable:
    return ProviderUnavailable("The payment provider answered in a way that we do not understand. Try again later.")
