"""A process dies at every line where it could hurt; what is left is mended by what runs every few seconds anyway."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalogue.models import Variant
from orders.courier.provider import ParcelWish
from orders.courier.registry import courier as _courier
from orders.domain import giving_up, parcels, payment, reconciling, webhook
from orders.domain.shipping import ensure_rates
from orders.models import Order, Parcel, ParcelScan, Payment, Refund
from orders.payment.signature import HEADER, sign
from privacy.crashpoints import crashpoint
from privacy.models import Collection, Effect, Subject
from privacy.outbox import deliver_due
from tests.campaigns.payment_storm.books import Planted, differences, provider_rows
from tests.orders.shop import answers, fill_basket, variant
from tests.orders.test_courier_sandbox import KEY, SECRET, Courier, wish
from tests.support.mortal import Mortal, mortal
from tests.support.payment_sandbox import PaymentSandbox

ROOT = Path(settings.BASE_DIR)
NOWHERE = "http://127.0.0.1:9"
visited: set[str] = set()


class Shop:
    """A store that sells to one shopper, a provider of its own, and processes that die."""

    def __init__(self, sandbox: PaymentSandbox, victim: Mortal, client: Client) -> None:
        self.sandbox, self.victim, self.client = sandbox, victim, client
        self.tea = variant(stock=5)
        fill_basket(client, self.tea)
        self.sent = answers(client)

    def dies(self, at: str, deed: str, *arguments: Any) -> None:
        assert self.victim.die(at, deed, *arguments), f"the deed never came to {at}"
        visited.add(at)

    def order(self) -> Order:
        return Order.objects.get()

    def payment(self) -> Payment:
        return Payment.objects.get()

    def place(self) -> Order:
        assert self.client.post("/checkout/", self.sent).status_code == 303
        return self.order()

    def pays(self) -> Order:
        order = self.place()
        self._type(self.payment().pay_url)
        return order

    def _type(self, page: str) -> None:
        card = {
            "card_number": "4242424242424242", "expiry": "12/39", "security_code": "123", "cardholder": "Mina", "country": "US",
            "line1": "1 Road",
        }  # fmt: skip
        assert requests.post(page, data=card, allow_redirects=False, timeout=10).status_code == 303

    def time_is_over(self) -> None:
        past = timezone.now() - timedelta(minutes=1)
        Order.objects.update(expires_at=past)

    def message(self) -> tuple[str, dict[str, str]]:
        row = next(row for row in provider_rows(self.sandbox.state))
        event = {
            "id": "evt_1", "kind": "payment.succeeded", "intent": row["id"], "created": int(timezone.now().timestamp()),
        }  # fmt: skip
        body = json.dumps(event)
        moment = int(timezone.now().timestamp())
        return body, {HEADER: sign(self.sandbox.webhook_secret, body.encode(), moment)}

    def hear(self) -> None:
        body, headers = self.message()
        webhook.receive(body.encode(), headers)

    def heal(self) -> None:
        """What the sweepers do every few seconds; the time until then is taken to have passed."""
        for _round in range(3):
            Payment.objects.filter(state__in=Payment.UNSETTLED).update(ask_at=timezone.now())
            payment.catch_up()
            giving_up.cancel_overdue()
            Effect.objects.filter(done_at__isnull=True, parked_at__isnull=True).update(due_at=timezone.now())
            while deliver_due():
                pass
            reconciling.reconcile(timezone.now() - timedelta(days=1))

    def is_whole(self, *, paid: bool, left: int) -> None:
        assert differences(self.sandbox.state, Planted()) == []
        assert (self.order().paid_at is not None) is paid
        self.tea.refresh_from_db()
        assert self.tea.stock == left
        assert sum(row["amount_captured"] > 0 for row in provider_rows(self.sandbox.state)) == int(paid)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaymentSandbox]:
    started = PaymentSandbox(tmp_path_factory.mktemp("sandbox"), "--retry-seconds", "100").start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def courier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courier]:
    running = Courier(tmp_path_factory.mktemp("courier"))
    yield running
    running.end()


@pytest.fixture(scope="module")
def victim(sandbox: PaymentSandbox, courier: Courier, django_db_setup: None) -> Iterator[Mortal]:
    with mortal(settings.DATABASES["default"]["NAME"], **_pointed(sandbox, courier)) as made:
        yield made


def _pointed(sandbox: PaymentSandbox, courier: Courier) -> dict[str, str]:
    return {
        "COURIER": "orders.courier.sandbox.SandboxCourier",
        "COURIER_SANDBOX_URL": courier.url,
        "COURIER_SANDBOX_KEY": KEY,
        "COURIER_WEBHOOK_SECRET": SECRET,
        "PAYMENT_PROVIDER": "orders.payment.sandbox.SandboxProvider",
        "PAYMENT_SANDBOX_URL": sandbox.url,
        "PAYMENT_SANDBOX_KEY": sandbox.key,
        "PAYMENT_WEBHOOK_SECRET": sandbox.webhook_secret,
        # Messages of the provider's are lost here, unless a test brings one.
        "BASE_URL": NOWHERE,
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }


@pytest.fixture
def shop(
    transactional_db: None, sandbox: PaymentSandbox, courier: Courier, victim: Mortal, client: Client, settings: Any
) -> Iterator[Shop]:
    for name, value in _pointed(sandbox, courier).items():
        setattr(settings, name, value)
    ensure_rates()
    yield Shop(sandbox, victim, client)
    # The provider's books go on from test to test; what this one left there must not count in the next.
    _forget(sandbox)


def _forget(sandbox: PaymentSandbox) -> None:
    sandbox.stop()
    for file in sandbox.state.glob("sandbox.sqlite3*"):
        file.unlink()
    (sandbox.state / "ledger.jsonl").unlink()
    sandbox.start()


def test_before_the_order_is_committed(shop: Shop) -> None:
    cookies = {name: morsel.value for name, morsel in shop.client.cookies.items()}
    shop.dies("before_order_is_committed", "check_out", cookies, shop.sent)
    assert not Order.objects.exists()
    assert not Collection.objects.exists()
    assert Variant.objects.get().stock == 5
    shop.pays()
    shop.heal()
    shop.is_whole(paid=True, left=4)


@pytest.mark.parametrize("at", ["before_intent", "after_intent_before_commit"])
def test_while_the_page_is_opened(shop: Shop, at: str) -> None:
    order = shop.place()
    shop.sandbox.provider().cancel(shop.payment().intent_id)
    _forget(shop.sandbox)
    Payment.objects.update(intent_id="", pay_url="")
    shop.dies(at, "start", order.pk)
    shop._type(payment.start_payment(order).pay_url)
    assert len(provider_rows(shop.sandbox.state)) == 1, "asking twice opens one page"
    shop.heal()
    shop.is_whole(paid=True, left=4)


@pytest.mark.parametrize("at", ["before_settled_is_committed", "after_settled_is_committed"])
def test_while_a_payment_is_settled(shop: Shop, at: str) -> None:
    shop.pays()
    shop.dies(at, "finalise", shop.payment().pk)
    shop.heal()
    shop.is_whole(paid=True, left=4)


def test_between_taking_held_money_and_writing_it_down(shop: Shop, settings: Any) -> None:
    settings.PAYMENT_HOLDS_FIRST = True
    shop.pays()
    shop.dies("after_capture_before_commit", "finalise", shop.payment().pk)
    assert shop.payment().state == Payment.State.AUTHORISED
    shop.heal()
    shop.is_whole(paid=True, left=4)


def test_between_letting_held_money_go_and_writing_it_down(shop: Shop, settings: Any) -> None:
    settings.PAYMENT_HOLDS_FIRST = True
    shop.pays()
    Order.objects.update(state=Order.State.CANCELLED, cancelled_at=timezone.now())
    shop.dies("after_void_before_commit", "finalise", shop.payment().pk)
    shop.heal()
    assert differences(shop.sandbox.state, Planted()) == []
    assert shop.payment().state == Payment.State.CANCELLED


def test_between_closing_a_page_and_writing_it_down(shop: Shop) -> None:
    shop.place()
    shop.time_is_over()
    shop.dies("after_close_before_commit", "give_up", shop.order().pk)
    shop.heal()
    shop.is_whole(paid=False, left=5)


def test_before_giving_up_is_committed(shop: Shop) -> None:
    shop.place()
    shop.time_is_over()
    shop.dies("before_given_up_is_committed", "give_up", shop.order().pk)
    assert shop.order().state == Order.State.PENDING_PAYMENT
    shop.heal()
    shop.is_whole(paid=False, left=5)
    assert shop.order().state == Order.State.CANCELLED


def test_between_a_message_and_its_trace(shop: Shop) -> None:
    shop.pays()
    shop.dies("after_event_before_trace", "hear", *shop.message())
    shop.hear()
    shop.heal()
    shop.is_whole(paid=True, left=4)


@pytest.mark.parametrize("deed", ["hear", "reconcile"])
def test_after_a_lost_payment_was_recognised(shop: Shop, deed: str) -> None:
    shop.pays()
    Payment.objects.update(intent_id="", pay_url="", ask_at=None)
    shop.dies("after_adoption", deed, *(shop.message() if deed == "hear" else ()))
    shop.heal()
    shop.is_whole(paid=True, left=4)


def test_between_taking_a_turn_and_asking(shop: Shop) -> None:
    shop.pays()
    Payment.objects.update(ask_at=timezone.now())
    shop.dies("after_turn_before_ask", "catch_up")
    shop.heal()
    shop.is_whole(paid=True, left=4)


@pytest.mark.parametrize("at", ["after_claim_before_effect", "after_effect_before_done"])
def test_while_an_effect_is_carried_out(shop: Shop, at: str) -> None:
    shop.pays()
    payment.finalise(shop.payment().pk)
    shop.dies(at, "deliver")
    row = Effect.objects.get(kind="orders.confirmation_mail")
    assert (row.attempts, row.done_at) == (1, None), "the attempt of a process that died is counted"
    assert row.due_at > timezone.now(), "its turn is not over, so nobody else does it meanwhile"
    shop.heal()
    shop.is_whole(paid=True, left=4)


def test_before_a_refund_is_committed(shop: Shop) -> None:
    paid = _paid(shop)
    shop.dies("before_refund_is_committed", "propose", paid.pk, "5.00", str(Subject.objects.create().pk))
    paid.refresh_from_db()
    assert (paid.refund_total, Refund.objects.count()) == (0, 0)
    shop.is_whole(paid=True, left=4)


def test_between_giving_back_and_writing_it_down(shop: Shop) -> None:
    from decimal import Decimal

    from orders.domain import refunding

    paid = _paid(shop)
    refunding.propose(paid.pk, Decimal("5.00"), reason="goodwill", by=Subject.objects.create())
    shop.dies("after_refund_before_commit", "deliver")
    assert Refund.objects.get().state == Refund.State.DUE
    shop.heal()
    shop.is_whole(paid=True, left=4)
    (row,) = provider_rows(shop.sandbox.state)
    assert row["amount_refunded"] == 500


def test_between_the_couriers_answer_and_the_commit(shop: Shop) -> None:
    _paid(shop)
    parcel = parcels.pack(shop.order().pk)
    shop.dies("after_parcel_is_registered_before_commit", "register", parcel.pk)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.tracking_number) == (Parcel.State.PACKED, "")
    shop.heal()
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.REGISTERED
    # The courier knows one parcel: whoever asks again under its key gets the number that was given before.
    parcels_there = _courier().register(_wish_under(parcel.key))
    assert parcels_there.tracking_number == parcel.tracking_number


def test_before_a_scan_is_committed(shop: Shop, courier: Courier) -> None:
    _paid(shop)
    parcel = parcels.pack(shop.order().pk)
    shop.heal()
    parcel.refresh_from_db()
    courier.move(parcel.tracking_number, "delivered")
    shop.dies("before_scan_is_committed", "hear_courier")
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.REGISTERED
    assert not ParcelScan.objects.filter(state="delivered").exists()
    assert parcels.ask_about_quiet_parcels() > 0
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.DELIVERED
    assert Effect.objects.filter(kind="orders.delivered_mail").count() == 1


def _wish_under(key: Any) -> ParcelWish:
    return wish(key=str(key))


def _paid(shop: Shop) -> Payment:
    shop.pays()
    payment.finalise(shop.payment().pk)
    deliver_due()
    return shop.payment()


def test_every_crash_point_of_the_code_is_one_of_these() -> None:
    """A new one without a test of its own is found here; the tests above say so when a deed never comes to it."""
    named = re.compile(r'\bcrashpoint\("(\w+)"\)')
    in_code: set[str] = set()
    for app in ("privacy", "accounts", "catalogue", "cookies", "orders", "marketing"):
        for file in (ROOT / app).rglob("*.py"):
            in_code |= set(named.findall(file.read_text(encoding="utf-8")))
    tests = Path(__file__).parents[2].rglob("test_*.py")
    in_tests = set(re.findall(r'"(\w+)"', "".join(file.read_text(encoding="utf-8") for file in tests)))
    assert len(in_code) >= 15
    assert in_code - in_tests == set()


def test_outside_of_tests_a_crash_point_does_nothing_and_nothing_but_a_test_arms_it() -> None:
    assert crashpoint("after_capture_before_commit") is None
    arms = re.compile(r"crashpoints import .*armed|crashpoints\.armed|_deed")
    for app in ("privacy", "accounts", "catalogue", "cookies", "orders", "marketing", "kmall24"):
        for file in (ROOT / app).rglob("*.py"):
            if file.name != "crashpoints.py":
                assert not arms.search(file.read_text(encoding="utf-8")), file


def test_the_store_is_the_same_database(transactional_db: None, victim: Mortal) -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
    assert not victim.die("nowhere", "catch_up"), "without a crash point a deed ends"
