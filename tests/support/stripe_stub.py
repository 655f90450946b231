"""A stand-in for Stripe over real HTTP, written after its public documentation: pages, payments, refunds, keys, errors.

It answers in Stripe's shapes and holds the adapter to Stripe's rules: form-encoded bodies, an idempotency key that
remembers its request and its answer, amounts in Stripe's own minor units, and errors by kind.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CARD = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2039}
BILLING = {
    "name": "Kim Haneul",
    "address": {
        "country": "KR", "postal_code": "06164", "line1": "511 Yeongdong-daero", "line2": None, "city": "Seoul", "state": None,
    },
}  # fmt: skip


class Refused(Exception):
    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.code = status, kind, code


class StripeStub:
    key = "sk_test_of_the_stub"
    webhook_secret = "whsec_of_the_stub"

    def __init__(self) -> None:
        self.pages: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.customers: set[str] = set()
        self.answers: dict[str, tuple[Any, int, dict[str, Any]]] = {}
        self.calls: list[str] = []
        self.fail_next = 0
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        stub = self

        class Ear(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # A small answer is sent at once and not kept back for company.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                stub._serve(self, "GET")

            def do_POST(self) -> None:
                stub._serve(self, "POST")

            def do_DELETE(self) -> None:
                stub._serve(self, "DELETE")

            def log_message(self, *_arguments: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- what shoppers and banks do -------------------------------------------------------------------------------------

    def pay(self, page_id: str, *, bank: str = "succeeded") -> None:
        """A card is typed on the page; `bank` is where the payment stands then."""
        page = self.pages[page_id]
        made = page["_wish"].get("payment_intent_data", {})
        held = made.get("capture_method") == "manual" and bank == "succeeded"
        status = "requires_capture" if held else bank
        payment = self._new_payment(page["amount_total"], page["currency"], status, made)
        page |= {
            "payment_intent": payment["id"],
            "status": "open" if status == "requires_action" else "complete",
            "payment_status": "paid" if status == "succeeded" else "unpaid",
        }

    def bank_says(self, page_id: str, status: str) -> None:
        """A slow bank, or one that asked the shopper, has made up its mind."""
        page = self.pages[page_id]
        payment = self.payments[page["payment_intent"]]
        payment["status"] = status
        self._take(payment, payment["amount"] if status == "succeeded" else 0)
        page |= {"status": "complete", "payment_status": "paid" if status == "succeeded" else "unpaid"}

    def take_elsewhere(self, amount: int, currency: str) -> str:
        """Money is taken under this account, but not on a page of the store's."""
        return self._new_payment(amount, currency, "succeeded", {})["id"]

    def _new_payment(self, amount: int, currency: str, status: str, made: dict[str, Any]) -> dict[str, Any]:
        payment_id = f"pi_{next(self._numbers)}"
        charge = {
            "id": f"ch_{next(self._numbers)}", "object": "charge", "amount": amount, "amount_captured": 0,
            "amount_refunded": 0, "captured": False, "currency": currency, "payment_intent": payment_id,
            "payment_method": f"pm_{next(self._numbers)}", "payment_method_details": {"type": "card", "card": CARD},
            "billing_details": BILLING, "metadata": made.get("metadata", {}),
        }  # fmt: skip
        payment = {
            "id": payment_id, "object": "payment_intent", "amount": amount, "amount_received": 0, "currency": currency,
            "status": status, "latest_charge": charge, "metadata": made.get("metadata", {}), "created": int(time.time()),
            "description": made.get("description"),
        }  # fmt: skip
        if status == "succeeded":
            self._take(payment, amount)
        self.payments[payment_id] = payment
        return payment

    def _take(self, payment: dict[str, Any], amount: int) -> None:
        payment["amount_received"] = amount
        payment["latest_charge"] |= {"captured": amount > 0, "amount_captured": amount}

    # --- what it tells --------------------------------------------------------------------------------------------------

    def event(self, kind: str, about: dict[str, Any], **changes: Any) -> bytes:
        event = {
            "id": f"evt_{next(self._numbers)}", "object": "event", "api_version": "2025-09-30.clover",
            "created": int(time.time()), "data": {"object": about}, "livemode": False, "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None}, "type": kind,
        }  # fmt: skip
        return json.dumps(event | changes).encode()

    def page_event(self, page_id: str, kind: str = "checkout.session.completed", **changes: Any) -> bytes:
        return self.event(kind, self._shown(self.pages[page_id]) | changes)

    def sign(self, body: bytes, *, age: int = 0, secret: str = "") -> str:
        moment = str(int(time.time()) - age)
        key = (secret or self.webhook_secret).encode()
        proof = hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={proof},v0={'0' * 64}"

    # --- its API ----------------------------------------------------------------------------------------------------------

    def _serve(self, call: BaseHTTPRequestHandler, method: str) -> None:
        parts = urlsplit(call.path)
        body = call.rfile.read(int(call.headers.get("Content-Length") or 0)).decode()
        wish = _nested(parse_qsl(body if method == "POST" else parts.query, keep_blank_values=True))
        with self.lock:
            self.calls.append(f"{method} {parts.path}")
            try:
                if call.headers.get("Authorization") != f"Bearer {self.key}":
                    raise Refused(401, "invalid_request_error", "", "Invalid API Key provided.")
                if self.fail_next:
                    self.fail_next -= 1
                    raise Refused(500, "api_error", "", "An unknown error occurred.")
                status, answer = self._remembered(call.headers.get("Idempotency-Key"), method, parts.path, wish)
            except Refused as refusal:
                status = refusal.status
                error = {"type": refusal.kind, "message": str(refusal)} | (
                    {"code": refusal.code} if refusal.code else {}
                )
                answer = {"error": error}
        sent = json.dumps(answer).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(sent)))
        call.end_headers()
        call.wfile.write(sent)

    def _remembered(self, key: str | None, method: str, path: str, wish: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "GET" or not key:
            return 200, self._answer(method, path, wish)
        asked = (path, wish)
        if key in self.answers:
            before, status, answer = self.answers[key]
            if before != asked:
                raise Refused(
                    400,
                    "idempotency_error",
                    "",
                    "Keys for idempotent requests can only be used with the same parameters.",
                )
            return status, answer
        answer = self._answer(method, path, wish)
        self.answers[key] = (asked, 200, answer)
        return 200, answer

    def _answer(self, method: str, path: str, wish: dict[str, Any]) -> dict[str, Any]:
        routes = [
            ("POST", r"/v1/checkout/sessions", self._open),
            ("GET", r"/v1/checkout/sessions", self._list_pages),
            ("GET", r"/v1/checkout/sessions/(\w+)", self._read),
            ("POST", r"/v1/checkout/sessions/(\w+)/expire", self._expire),
            ("GET", r"/v1/payment_intents", self._list_payments),
            ("POST", r"/v1/payment_intents/(\w+)/capture", self._capture),
            ("POST", r"/v1/payment_intents/(\w+)/cancel", self._cancel),
            ("DELETE", r"/v1/customers/(\w+)", self._delete_customer),
            ("GET", r"/v1/refunds", self._list_refunds),
            ("POST", r"/v1/refunds", self._refund),
        ]
        for verb, pattern, handler in routes:
            if verb == method and (match := re.fullmatch(pattern, path)):
                return handler(wish, *match.groups())
        raise Refused(404, "invalid_request_error", "", f"Unrecognized request URL ({method}: {path}).")

    def _open(self, wish: dict[str, Any]) -> dict[str, Any]:
        line = wish["line_items"]["0"]
        amount = int(line["price_data"]["unit_amount"]) * int(line["quantity"])
        currency = line["price_data"]["currency"]
        if amount <= 0 or currency != currency.lower() or wish["mode"] != "payment":
            raise Refused(400, "invalid_request_error", "parameter_invalid_integer", "Invalid positive integer.")
        page_id = f"cs_test_{next(self._numbers)}"
        self.pages[page_id] = {
            "id": page_id, "object": "checkout.session", "amount_total": amount, "currency": currency, "mode": "payment",
            "client_reference_id": wish.get("client_reference_id"), "metadata": wish.get("metadata", {}),
            "payment_intent": None, "payment_status": "unpaid", "status": "open", "created": int(time.time()),
            "url": f"https://checkout.stripe.example/c/pay/{page_id}", "livemode": False, "_wish": wish,
        }  # fmt: skip
        return self._shown(self.pages[page_id], expand=True)

    def _shown(self, page: dict[str, Any], *, expand: bool = False) -> dict[str, Any]:
        shown = {name: value for name, value in page.items() if name != "_wish"}
        if page["status"] != "open":
            shown["url"] = None
        if expand and page["payment_intent"]:
            shown["payment_intent"] = self.payments[page["payment_intent"]]
        return shown

    def _page(self, page_id: str) -> dict[str, Any]:
        if page_id not in self.pages:
            raise Refused(404, "invalid_request_error", "resource_missing", f"No such checkout.session: '{page_id}'")
        return self.pages[page_id]

    def _read(self, wish: dict[str, Any], page_id: str) -> dict[str, Any]:
        return self._shown(self._page(page_id), expand="expand" in wish)

    def _expire(self, _wish: dict[str, Any], page_id: str) -> dict[str, Any]:
        page = self._page(page_id)
        if page["status"] != "open":
            message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
            raise Refused(400, "invalid_request_error", "", message)
        page["status"] = "expired"
        return self._shown(page)

    def _list_pages(self, wish: dict[str, Any]) -> dict[str, Any]:
        wanted = [p for p in self.pages.values() if wish.get("payment_intent") in (None, p["payment_intent"])]
        return _page_of([self._shown(page, expand="expand" in wish) for page in reversed(wanted)], wish)

    def _list_payments(self, wish: dict[str, Any]) -> dict[str, Any]:
        return _page_of(list(reversed(self.payments.values())), wish)

    def _payment(self, payment_id: str, *, wanted: str) -> dict[str, Any]:
        payment = self.payments[payment_id]
        if payment["status"] != wanted:
            message = f"This PaymentIntent could not be changed because it has a status of {payment['status']}."
            raise Refused(400, "invalid_request_error", "payment_intent_unexpected_state", message)
        return payment

    def _capture(self, wish: dict[str, Any], payment_id: str) -> dict[str, Any]:
        payment = self._payment(payment_id, wanted="requires_capture")
        if int(wish["amount_to_capture"]) > payment["amount"]:
            raise Refused(400, "invalid_request_error", "amount_too_large", "The amount is more than is capturable.")
        payment["status"] = "succeeded"
        self._take(payment, int(wish["amount_to_capture"]))
        return payment

    def _cancel(self, _wish: dict[str, Any], payment_id: str) -> dict[str, Any]:
        payment = self._payment(payment_id, wanted="requires_capture")
        payment["status"] = "canceled"
        return payment

    def _delete_customer(self, _wish: dict[str, Any], customer: str) -> dict[str, Any]:
        if customer not in self.customers:
            raise Refused(404, "invalid_request_error", "resource_missing", f"No such customer: '{customer}'")
        self.customers.remove(customer)
        return {"id": customer, "object": "customer", "deleted": True}

    def become_customer(self, page_id: str) -> str:
        """Stripe made a customer of whoever paid on a page."""
        customer = f"cus_{next(self._numbers)}"
        self.customers.add(customer)
        self.pages[page_id]["customer"] = customer
        return customer

    def _refund(self, wish: dict[str, Any]) -> dict[str, Any]:
        payment = self.payments[wish["payment_intent"]]
        charge, amount = payment["latest_charge"], int(wish["amount"])
        if payment["status"] != "succeeded":
            raise Refused(400, "invalid_request_error", "charge_not_captured", "Nothing was captured.")
        if amount > charge["amount_captured"] - charge["amount_refunded"]:
            message = "Refund amount is greater than unrefunded amount on charge."
            raise Refused(400, "invalid_request_error", "", message)
        charge["amount_refunded"] += amount
        refund = {
            "id": f"re_{next(self._numbers)}", "object": "refund", "amount": amount, "currency": payment["currency"],
            "payment_intent": payment["id"], "status": "succeeded", "metadata": wish.get("metadata", {}),
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        return refund

    def _list_refunds(self, wish: dict[str, Any]) -> dict[str, Any]:
        return _page_of([r for r in self.refunds.values() if r["payment_intent"] == wish["payment_intent"]], wish)


def _page_of(rows: list[dict[str, Any]], wish: dict[str, Any]) -> dict[str, Any]:
    limit, after = int(wish.get("limit", 10)), wish.get("starting_after")
    start = next((i + 1 for i, row in enumerate(rows) if row["id"] == after), 0)
    return {"object": "list", "data": rows[start : start + limit], "has_more": len(rows) > start + limit, "url": "/v1"}


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=c`, as Stripe wants its parameters, as nested mappings."""
    read: dict[str, Any] = {}
    for name, value in pairs:
        *way, last = re.findall(r"[^\[\]]+", name)
        place = read
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return read
