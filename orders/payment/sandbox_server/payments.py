"""Every way a payment can change; each is one transaction with its ledger line and its webhook."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from orders.payment.provider import Forgotten, IntentState
from orders.payment.sandbox_server.cards import Behaviour, ReadCard
from orders.payment.sandbox_server.store import Store, note

OPEN_STATES = (IntentState.REQUIRES_PAYMENT, IntentState.REQUIRES_ACTION)
# What may still be closed without any money having moved.
CANCELLABLE_STATES = (*OPEN_STATES, IntentState.REQUIRES_CAPTURE)
PAGE = 100
# Whoever tries that many cards is testing stolen ones.
REFUSALS_ALLOWED = 5


@dataclass(frozen=True, slots=True)
class IntentWish:
    reference: str
    amount: int
    currency: str
    return_url: str
    cancel_url: str
    webhook_url: str
    locale: str
    capture_at_once: bool


class PaymentRefused(Exception):
    """What was asked cannot be done; the text says so, `code` says it in a word."""

    def __init__(self, sentence: str, code: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


class Payments:
    def __init__(
        self,
        store: Store,
        *,
        slow_seconds: float = 3,
        expire_seconds: float = 30 * 60,
        hold_seconds: float = 7 * 24 * 3600,
        account: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.clock = clock
        self._slow_seconds = slow_seconds
        self._expire_seconds = expire_seconds
        self._hold_seconds = hold_seconds
        self.account = account

    def create(self, wish: IntentWish, key: str) -> sqlite3.Row:
        now = self.clock()
        with self.store.writing() as connection:
            earlier = _made_before(connection, "intent", key, asdict(wish))
            if earlier:
                return _find(connection, earlier)
            intent_id = f"pi_{secrets.token_urlsafe(24)}"
            connection.execute(
                "INSERT INTO intent (id, reference, amount, currency, return_url, cancel_url, webhook_url, locale,"
                " capture_at_once, state, created_at, expires_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    intent_id,
                    *asdict(wish).values(),
                    IntentState.REQUIRES_PAYMENT,
                    now,
                    now + self._expire_seconds,
                    key,
                ),
            )
            _remember(connection, "intent", key, asdict(wish), intent_id)
            intent = _find(connection, intent_id)
            _note_intent(connection, "intent.created", now, intent)
            return intent

    def find(self, intent_id: str) -> sqlite3.Row:
        with self.store.reading() as connection:
            return _find(connection, intent_id)

    def pay(self, intent_id: str, card: ReadCard) -> sqlite3.Row:
        """Try a card. An intent that is not waiting for one is returned as it stands, so a double click pays once."""
        now = self.clock()
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            if intent["state"] not in OPEN_STATES or intent["expires_at"] <= now:
                return intent
            instrument = json.dumps(
                {
                    "brand": card.brand,
                    "last4": card.last4,
                    "expiry_month": card.expiry_month,
                    "expiry_year": card.expiry_year,
                    "holder": card.holder,
                    "token": f"tok_{secrets.token_urlsafe(18)}",
                    "billing_address": {
                        "country": card.country,
                        "postal_code": card.postal_code,
                        "lines": list(card.lines),
                    },
                }
            )
            _set(connection, intent_id, instrument=instrument, behaviour=card.behaviour, last_refusal="")
            match card.behaviour:
                case Behaviour.DECLINE:
                    self._refuse_attempt(connection, intent_id, "card_declined", now)
                case Behaviour.CHALLENGE:
                    _set(connection, intent_id, state=IntentState.REQUIRES_ACTION)
                case Behaviour.SLOW:
                    _set(connection, intent_id, state=IntentState.PROCESSING, settles_at=now + self._slow_seconds)
                case _:
                    self._approve(connection, intent_id, now)
            return _find(connection, intent_id)

    def answer_challenge(self, intent_id: str, *, approved: bool) -> sqlite3.Row:
        """The shopper's word to the bank; counts only while the bank is asking."""
        now = self.clock()
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            if intent["state"] != IntentState.REQUIRES_ACTION or intent["expires_at"] <= now:
                return intent
            if approved:
                self._approve(connection, intent_id, now)
            else:
                self._refuse_attempt(connection, intent_id, "authentication_refused", now)
            return _find(connection, intent_id)

    def cancel(self, intent_id: str) -> sqlite3.Row:
        now = self.clock()
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            if intent["state"] == IntentState.CANCELLED:
                return intent
            if intent["state"] not in CANCELLABLE_STATES:
                raise PaymentRefused(
                    f"The payment can no longer be cancelled: it is {intent['state']}.", "not_cancellable"
                )
            _set(connection, intent_id, state=IntentState.CANCELLED, instrument=None)
            return self._tell(connection, intent_id, "payment.cancelled", now)

    def capture(self, intent_id: str, amount: int, currency: str, key: str) -> sqlite3.Row:
        """Take held money, once; what is not taken is let go."""
        now = self.clock()
        wish = {"intent": intent_id, "amount": amount, "currency": currency}
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            if _made_before(connection, "capture", key, wish):
                return intent
            if intent["state"] != IntentState.REQUIRES_CAPTURE or intent["expires_at"] <= now:
                raise PaymentRefused(
                    f"There is nothing to capture: the payment is {intent['state']}.", "not_capturable"
                )
            if currency != intent["currency"]:
                raise PaymentRefused(f"The payment was made in {intent['currency']}.", "wrong_currency", 422)
            if amount > intent["amount"]:
                raise PaymentRefused("That is more than the bank holds.", "capture_too_large", 422)
            _set(connection, intent_id, state=IntentState.SUCCEEDED, amount_captured=amount)
            _remember(connection, "capture", key, wish, intent_id)
            return self._tell(connection, intent_id, "payment.succeeded", now)

    def list_since(self, since: float, after: int) -> list[sqlite3.Row]:
        """A page of the payments opened since a moment, oldest first, behind the row that ended the last page."""
        with self.store.reading() as connection:
            return connection.execute(
                "SELECT rowid AS place, * FROM intent WHERE created_at >= ? AND rowid > ? ORDER BY rowid LIMIT ?",
                (since, after, PAGE),
            ).fetchall()

    def refund(self, intent_id: str, amount: int, currency: str, key: str) -> sqlite3.Row:
        now = self.clock()
        wish = {"intent": intent_id, "amount": amount, "currency": currency}
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            earlier = _made_before(connection, "refund", key, wish)
            if earlier:
                return connection.execute("SELECT * FROM refund WHERE id = ?", (earlier,)).fetchone()
            if intent["state"] != IntentState.SUCCEEDED:
                raise PaymentRefused("Nothing was captured, so nothing can be refunded.", "not_refundable")
            if currency != intent["currency"]:
                raise PaymentRefused(f"The payment was made in {intent['currency']}.", "wrong_currency", 422)
            if amount > intent["amount_captured"] - intent["amount_refunded"]:
                raise PaymentRefused("That is more than was captured and not yet refunded.", "refund_too_large", 422)
            refund_id = f"re_{secrets.token_urlsafe(18)}"
            connection.execute(
                "INSERT INTO refund VALUES (?, ?, ?, ?, ?)", (refund_id, intent_id, amount, currency, now)
            )
            _set(connection, intent_id, amount_refunded=intent["amount_refunded"] + amount)
            _remember(connection, "refund", key, wish, refund_id)
            self._tell(connection, intent_id, "payment.refunded", now, amount=amount, refund=refund_id)
            return connection.execute("SELECT * FROM refund WHERE id = ?", (refund_id,)).fetchone()

    def forget(self, intent_id: str) -> Forgotten:
        """Strike out whose card it was, also from the file's log; sums, states and the ledger stay as they are."""
        with self.store.writing() as connection:
            intent = _find(connection, intent_id)
            if not IntentState(intent["state"]).is_final:
                return Forgotten.STILL_NEEDED
            if intent["instrument"] is None:
                return Forgotten.NOT_HELD
            _set(connection, intent_id, instrument=None)
            note(connection, "intent.forgotten", self.clock(), intent=intent_id)
        self.store.fold_log_away()
        return Forgotten.FORGOTTEN

    def settle_due(self) -> int:
        """Finish what time alone finishes: slow payments and intents that nobody paid. Returns how many."""
        now = self.clock()
        with self.store.reading() as connection:
            due = connection.execute(
                "SELECT id FROM intent WHERE (state = 'processing' AND settles_at <= ?)"
                " OR (state IN (?, ?, ?) AND expires_at <= ?)",
                (now, *CANCELLABLE_STATES, now),
            ).fetchall()
        for row in due:
            with self.store.writing() as connection:
                intent = _find(connection, row["id"])
                if intent["state"] == IntentState.PROCESSING:
                    self._approve(connection, row["id"], now)
                elif intent["state"] in CANCELLABLE_STATES:
                    _set(connection, row["id"], state=IntentState.EXPIRED, instrument=None)
                    self._tell(connection, row["id"], "payment.expired", now)
        return len(due)

    def next_due(self) -> float | None:
        with self.store.reading() as connection:
            return connection.execute(
                "SELECT min(due) FROM (SELECT min(settles_at) AS due FROM intent WHERE state = 'processing'"
                " UNION ALL SELECT min(expires_at) FROM intent WHERE state IN (?, ?, ?))",
                CANCELLABLE_STATES,
            ).fetchone()[0]

    def _approve(self, connection: sqlite3.Connection, intent_id: str, now: float) -> None:
        """The bank said yes: the money is taken, or held for as long as banks hold it."""
        intent = _find(connection, intent_id)
        if intent["capture_at_once"]:
            taken = intent["amount"]
            _set(connection, intent_id, state=IntentState.SUCCEEDED, settles_at=None, amount_captured=taken)
            self._tell(connection, intent_id, "payment.succeeded", now)
            return
        until = now + self._hold_seconds
        _set(connection, intent_id, state=IntentState.REQUIRES_CAPTURE, settles_at=None, expires_at=until)
        self._tell(connection, intent_id, "payment.held", now)

    def _refuse_attempt(self, connection: sqlite3.Connection, intent_id: str, reason: str, now: float) -> None:
        """The shopper may try again, until the refusals are used up."""
        refusals = _find(connection, intent_id)["refusals"] + 1
        final = refusals >= REFUSALS_ALLOWED
        _set(
            connection,
            intent_id,
            state=IntentState.FAILED if final else IntentState.REQUIRES_PAYMENT,
            refusals=refusals,
            last_refusal=reason,
            behaviour="",
            instrument=None,
        )
        self._tell(connection, intent_id, "payment.failed", now)

    def _tell(self, connection: sqlite3.Connection, intent_id: str, kind: str, now: float, **facts: Any) -> sqlite3.Row:
        """The ledger line and the webhook row of one event, and the intent as it now stands."""
        intent = _find(connection, intent_id)
        event_id = f"evt_{secrets.token_urlsafe(18)}"
        event = {
            "id": event_id,
            "kind": kind,
            "intent": intent_id,
            "amount": intent["amount"],
            "currency": intent["currency"],
            "reference": intent["reference"],
            "account": self.account,
            "created": int(now),
        } | facts
        connection.execute(
            "INSERT INTO webhook (id, url, body, next_attempt_at) VALUES (?, ?, ?, ?)",
            (event_id, intent["webhook_url"], json.dumps(event).encode(), now),
        )
        _note_intent(connection, kind, now, intent, event_id=event_id, **facts)
        return intent


def _find(connection: sqlite3.Connection, intent_id: str) -> sqlite3.Row:
    intent = connection.execute("SELECT * FROM intent WHERE id = ?", (intent_id,)).fetchone()
    if intent is None:
        raise PaymentRefused("There is no such payment.", "not_found", 404)
    return intent


def _set(connection: sqlite3.Connection, intent_id: str, **columns: Any) -> None:
    # Column names come from this file only, never from a request.
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    connection.execute(f"UPDATE intent SET {assignments} WHERE id = :intent_id", columns | {"intent_id": intent_id})  # noqa: S608


def _note_intent(connection: sqlite3.Connection, event: str, now: float, intent: sqlite3.Row, **facts: Any) -> None:
    known = {name: intent[name] for name in ("amount", "currency", "reference", "state")}
    note(connection, event, now, intent=intent["id"], **(known | facts))


def _digest(wish: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()


def _made_before(connection: sqlite3.Connection, scope: str, key: str, wish: dict[str, Any]) -> str | None:
    """What this key made earlier; a key that comes back with another wish is a mistake of the caller's."""
    row = connection.execute(
        "SELECT digest, made FROM idempotency WHERE scope = ? AND key = ?", (scope, key)
    ).fetchone()
    if row and row["digest"] != _digest(wish):
        raise PaymentRefused("This Idempotency-Key was used for a different request; use a new key.", "key_reused")
    return row and row["made"]


def _remember(connection: sqlite3.Connection, scope: str, key: str, wish: dict[str, Any], made: str) -> None:
    connection.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?)", (scope, key, _digest(wish), made))
