"""The pages that a shopper sees: the card form, the bank's question, and how it ended. They work without scripts."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import moneyed
from moneyed.l10n import format_money

from orders.payment.provider import IntentState, from_minor
from orders.payment.sandbox_server.cards import TEST_CARDS, Behaviour, CardMistakes, read_card
from orders.payment.sandbox_server.payments import OPEN_STATES, PaymentRefused, Payments
from orders.payment.sandbox_server.templating import Markup, join, render
from orders.payment.sandbox_server.texts import countries, say
from orders.payment.sandbox_server.wsgi import Answer, Request, Route, route

_STATIC = Path(__file__).with_name("static")
_FIELDS = (
    # name, autocomplete, input mode, hint, optional, wide
    ("card_number", "cc-number", "numeric", "", False, True),
    ("expiry", "cc-exp", "numeric", "expiry_hint", False, False),
    ("security_code", "cc-csc", "numeric", "security_code_hint", False, False),
    ("cardholder", "cc-name", "text", "", False, True),
)
_ADDRESS_FIELDS = (
    ("line1", "billing address-line1", "text", "", False, True),
    ("line2", "billing address-line2", "text", "", True, True),
    ("postal_code", "billing postal-code", "text", "", True, True),
)
# A card is good until its last day is over everywhere, the date line's western side included.
_LAST_TIME_ZONE = timezone(timedelta(hours=-12))


# From here the shopper goes back to the shop, which asks for the rest.
_STATES_OF_SUCCESS = {IntentState.SUCCEEDED, IntentState.PROCESSING, IntentState.REQUIRES_CAPTURE}


class Pages:
    def __init__(self, payments: Payments, merchant: str) -> None:
        self._payments = payments
        self._merchant = merchant

    def routes(self) -> list[Route]:
        return [
            route("GET", "/pay/<id>", self.show),
            route("POST", "/pay/<id>", self.pay),
            route("GET", "/pay/<id>/challenge", self.ask),
            route("POST", "/pay/<id>/challenge", self.answer_challenge),
            route("GET", "/static/sandbox.css", lambda request: _file("sandbox.css", "text/css; charset=utf-8")),
            route("GET", "/static/mark.svg", lambda request: _file("mark.svg", "image/svg+xml")),
        ]

    def show(self, request: Request, intent_id: str) -> Answer:
        try:
            intent = self._payments.find(intent_id)
        except PaymentRefused:
            return self._missing()
        if self._is_open(intent):
            return self._form(intent, 200, alert=intent["last_refusal"])
        return self._ending(intent)

    def pay(self, request: Request, intent_id: str) -> Answer:
        try:
            intent = self._payments.find(intent_id)
        except PaymentRefused:
            return self._missing()
        if not self._is_open(intent):
            return self._onward(intent)
        form = request.form()
        try:
            card = read_card(form, datetime.now(_LAST_TIME_ZONE).date())
        except CardMistakes as mistakes:
            return self._form(intent, 422, alert="summary", mistakes=mistakes.by_field, kept=mistakes.kept)
        intent = self._payments.pay(intent_id, card)
        if intent["state"] == IntentState.REQUIRES_PAYMENT:
            kept = {
                "cardholder": card.holder,
                "country": card.country,
                "postal_code": card.postal_code,
                "line1": card.lines[0],
                "line2": "".join(card.lines[1:]),
            }
            return self._form(intent, 402, alert=intent["last_refusal"], kept=kept)
        return self._onward(intent)

    def ask(self, request: Request, intent_id: str) -> Answer:
        try:
            intent = self._payments.find(intent_id)
        except PaymentRefused:
            return self._missing()
        if intent["state"] != IntentState.REQUIRES_ACTION or not self._is_open(intent):
            return _redirect(f"/pay/{intent_id}")
        language = intent["locale"]
        words = {
            "amount": _amount(intent),
            "merchant": self._merchant,
            "last4": json.loads(intent["instrument"])["last4"],
        }
        body = render(
            "challenge.html",
            title=say(language, "challenge_title"),
            text=say(language, "challenge_text", **words),
            approve=say(language, "approve"),
            refuse=say(language, "refuse"),
            action=f"/pay/{intent_id}/challenge",
        )
        return self._page(200, language, say(language, "challenge_title"), body, intent)

    def answer_challenge(self, request: Request, intent_id: str) -> Answer:
        decision = request.form().get("decision")
        if decision not in {"approve", "refuse"}:
            return _redirect(f"/pay/{intent_id}/challenge")
        try:
            intent = self._payments.answer_challenge(intent_id, approved=decision == "approve")
        except PaymentRefused:
            return self._missing()
        return self._onward(intent)

    def _is_open(self, intent: sqlite3.Row) -> bool:
        return intent["state"] in OPEN_STATES and intent["expires_at"] > self._payments.clock()

    def _onward(self, intent: sqlite3.Row) -> Answer:
        """Where the browser goes after a form was sent."""
        if intent["state"] == IntentState.REQUIRES_ACTION and self._is_open(intent):
            return _redirect(f"/pay/{intent['id']}/challenge")
        paid = intent["state"] in _STATES_OF_SUCCESS
        if paid and intent["behaviour"] != Behaviour.CLOSED_WINDOW:
            return _redirect(intent["return_url"])
        return _redirect(f"/pay/{intent['id']}")

    def _form(
        self,
        intent: sqlite3.Row,
        status: int,
        *,
        alert: str = "",
        mistakes: dict[str, str] | None = None,
        kept: dict[str, str] | None = None,
    ) -> Answer:
        language, mistakes, kept = intent["locale"], mistakes or {}, kept or {}
        amount = _amount(intent)
        body = render(
            "card.html",
            pay_to=say(language, "pay_to"),
            merchant=self._merchant,
            amount=amount,
            reference_label=say(language, "reference"),
            reference=intent["reference"],
            alert=render("alert.html", text=say(language, alert)) if alert else Markup(),
            action=f"/pay/{intent['id']}",
            card_heading=say(language, "card_heading"),
            card_fields=join([_field(language, field, mistakes, kept) for field in _FIELDS]),
            billing_heading=say(language, "billing_heading"),
            country_field=_country_field(language, mistakes, kept),
            address_fields=join([_field(language, field, mistakes, kept) for field in _ADDRESS_FIELDS]),
            pay=say(language, "pay", amount=amount),
            cancel=say(language, "cancel", merchant=self._merchant),
            cancel_url=intent["cancel_url"],
            promise=say(language, "promise", merchant=self._merchant),
            test_cards=say(language, "test_cards"),
            test_cards_hint=say(language, "test_cards_hint"),
            test_card_rows=join(
                [
                    render("test_card.html", number=card.spaced, meaning=say(language, f"test_{card.behaviour}"))
                    for card in TEST_CARDS
                ]
            ),
        )
        title = say(language, "page_title")
        return self._page(
            status, language, f"{say(language, 'error_prefix')}: {title}" if alert else title, body, intent
        )

    def _ending(self, intent: sqlite3.Row) -> Answer:
        language = intent["locale"]
        # The clock may be ahead of the thread that writes the expiry down.
        state = IntentState.EXPIRED if intent["state"] in OPEN_STATES else IntentState(intent["state"])
        closed = (
            state in {IntentState.SUCCEEDED, IntentState.REQUIRES_CAPTURE}
            and intent["behaviour"] == Behaviour.CLOSED_WINDOW
        )
        paid = state in _STATES_OF_SUCCESS
        text = say(
            language,
            "closed_window_text" if closed else f"{state}_text",
            amount=_amount(intent),
            merchant=self._merchant,
        )
        back = (
            Markup()
            if closed
            else render(
                "back.html",
                url=intent["return_url"] if paid else intent["cancel_url"],
                text=say(language, "back", merchant=self._merchant),
            )
        )
        title = say(language, f"{state}_title")
        return self._page(200, language, title, render("ending.html", title=title, text=text, back=back), intent)

    def _missing(self) -> Answer:
        title = say("en", "missing_title")
        body = render("ending.html", title=title, text=say("en", "missing_text"), back=Markup())
        return self._page(404, "en", title, body)

    def _page(self, status: int, language: str, title: str, body: Markup, intent: sqlite3.Row | None = None) -> Answer:
        html = render(
            "page.html",
            language=language,
            title=f"{title} · {self._merchant}",
            provider=say(language, "provider"),
            sandbox=say(language, "sandbox"),
            body=body,
        )
        # Browsers hold a form to this list even when its answer sends them on, so the shop must be on it.
        targets = " ".join(["'self'", _source(intent["return_url"])] if intent else ["'self'"])
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action {targets}"
        )
        return Answer(
            status, html.encode(), {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        )


def _field(
    language: str,
    field: tuple[str, str, str, str, bool, bool],
    mistakes: dict[str, str],
    kept: dict[str, str],
) -> Markup:
    name, autocomplete, mode, hint, optional, wide = field
    return render(
        "field.html",
        name=name,
        label=say(language, name),
        optional=Markup(render("optional.html", text=say(language, "optional"))) if optional else Markup(),
        hint=say(language, hint) if hint else "",
        error=say(language, mistakes[name]) if name in mistakes else "",
        value=kept.get(name, ""),
        autocomplete=autocomplete,
        mode=mode,
        required="" if optional else Markup("required"),
        invalid="true" if name in mistakes else "false",
        width="wide" if wide else "half",
    )


def _country_field(language: str, mistakes: dict[str, str], kept: dict[str, str]) -> Markup:
    chosen = kept.get("country") or ("KR" if language == "ko" and "country" not in mistakes else "")
    options = [
        render("option.html", code=code, name=name, selected=Markup("selected") if code == chosen else "")
        for code, name in (("", say(language, "country_choose")), *countries(language))
    ]
    return render(
        "country.html",
        label=say(language, "country"),
        options=join(options),
        error=say(language, mistakes["country"]) if "country" in mistakes else "",
        invalid="true" if "country" in mistakes else "false",
    )


def _amount(intent: sqlite3.Row) -> str:
    money = moneyed.Money(from_minor(intent["amount"], intent["currency"]), intent["currency"])
    return format_money(money, locale=intent["locale"])


def _source(url: str) -> str:
    """The address's origin as a policy names it; policies cannot name an IPv6 host, so there the scheme must do."""
    parts = urlsplit(url)
    if ":" in (parts.hostname or ""):
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"


def _redirect(address: str) -> Answer:
    return Answer(303, b"", {"Location": address})


def _file(name: str, content_type: str) -> Answer:
    return Answer(
        200, (_STATIC / name).read_bytes(), {"Content-Type": content_type, "Cache-Control": "public, max-age=3600"}
    )
