"""Money at the desk: refunds released and odd payments settled, shown first, by whoever may, each with its row."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domain.roles import CATALOGUE_EDITOR, MARKETER, ORDER_DESK, PRIVACY_OFFICER
from orders.domain import oddities, refunding
from orders.models import OddPayment, Order, OrderAction, Payment, Refund
from privacy.models import Effect, Look, Subject
from privacy.outbox import PARKED_AFTER, deliver_due
from tests.orders.desk import act, last_action
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def desk() -> Client:
    return works_as(ORDER_DESK)


@pytest.fixture
def others() -> list[Client]:
    """Everybody who works here and not at this desk."""
    roles = (CATALOGUE_EDITOR, MARKETER, PRIVACY_OFFICER)
    return [works_as(role, f"other{number}@example.com") for number, role in enumerate(roles)]


class TestRefunds:
    @pytest.fixture
    def refund(self, settings: Any) -> Refund:
        """Proposed by somebody else, above what one may give back."""
        settings.REFUND_BY_ONE_UP_TO = {"USD": 1}
        somebody = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
        payment = payment_of(paid_order(variant()))
        return refunding.propose(payment.pk, Decimal("2.00"), reason=Refund.Reason.GOODWILL, by=somebody)

    @pytest.mark.parametrize(
        ("action", "state", "kind", "promised"),
        [("release", "due", "refund_released", "2.00"), ("reject", "rejected", "refund_rejected", "0.00")],
    )
    def test_are_shown_and_then_decided(
        self, desk: Client, refund: Refund, action: str, state: str, kind: str, promised: str
    ) -> None:
        shown = act(desk, "refund", action, refund, confirmed=False).content.decode()
        for said in ("Nothing has been done yet", refund.payment.order.number, "2.00", "goodwill"):
            assert said in shown
        assert Refund.objects.get().state == "proposed"
        act(desk, "refund", action, refund)
        refund = Refund.objects.get()
        assert (refund.state, str(refund.payment.refund_total)) == (state, promised)
        assert last_action() == (kind, True)
        assert OrderAction.objects.get(kind=kind).by == refund.decided_by
        assert LogEntry.objects.count() == 1

    def test_are_decided_once(self, desk: Client, refund: Refund) -> None:
        act(desk, "refund", "reject", refund)
        act(superuser(), "refund", "release", refund)
        assert Refund.objects.get().state == "rejected"
        assert not OrderAction.objects.filter(kind="refund_released").exists()

    def test_are_decided_by_nobody_without_the_right(self, others: list[Client], refund: Refund) -> None:
        for person, action in itertools.product(others, ("release", "reject")):
            assert act(person, "refund", action, refund).status_code == 403
        assert Refund.objects.get().state == "proposed"

    def test_are_written_by_no_form(self, refund: Refund) -> None:
        page = reverse("admin:orders_refund_change", args=[refund.pk])
        assert superuser().post(page, {"state": "due", "amount": "9999"}).status_code == 403


class TestOddPayments:
    @pytest.fixture
    def odd(self) -> OddPayment:
        payment = payment_of(paid_order(variant()))
        oddities.note(OddPayment.Kind.DISPUTED, "dispute-1", "12.50 USD wanted back", payment)
        return OddPayment.objects.get()

    def test_are_found_and_explained(self, desk: Client, odd: OddPayment) -> None:
        waiting = desk.get("/admin/").content.decode()
        listed = reverse("admin:orders_oddpayment_changelist") + "?settled_at__isempty=1"
        assert listed.replace("&", "&amp;") in waiting
        shown = desk.get(listed).content.decode()
        assert "wanted back" in shown
        assert "proof of delivery" in shown

    def test_are_dealt_with_and_it_is_written_by_whom(self, desk: Client, odd: OddPayment) -> None:
        shown = act(desk, "oddpayment", "settle", odd, confirmed=False).content.decode()
        assert "Nothing has been done yet" in shown
        assert "12.50 USD wanted back" in shown
        assert OddPayment.objects.get().settled_at is None
        act(desk, "oddpayment", "settle", odd)
        odd = OddPayment.objects.get()
        assert odd.settled_at
        assert odd.settled_by
        row = OrderAction.objects.get(kind="oddity_settled")
        assert (row.order, row.by, row.detail) == (odd.payment.order, odd.settled_by, "disputed")
        assert (
            "wanted back"
            not in desk.get(reverse("admin:orders_oddpayment_changelist") + "?settled_at__isempty=1").content.decode()
        )

    def test_are_settled_once_by_the_first(self, desk: Client, odd: OddPayment) -> None:
        act(desk, "oddpayment", "settle", odd)
        first = OddPayment.objects.get()
        act(superuser(), "oddpayment", "settle", odd)
        assert OddPayment.objects.get().settled_by == first.settled_by
        assert OrderAction.objects.filter(kind="oddity_settled").count() == 1
        oddities.note(OddPayment.Kind.DISPUTED, "dispute-1", "again", first.payment)
        assert OddPayment.objects.get().settled_at == first.settled_at

    def test_of_no_order_are_settled_on_their_own_row(self, desk: Client) -> None:
        oddities.note(OddPayment.Kind.UNKNOWN_CHARGE, "charge-1", "5.00 USD of nobody")
        act(desk, "oddpayment", "settle", OddPayment.objects.get())
        assert OddPayment.objects.get().settled_by
        assert LogEntry.objects.get().object_id == str(OddPayment.objects.get().pk)

    def test_are_settled_by_nobody_without_the_right(self, others: list[Client], odd: OddPayment) -> None:
        for person in others:
            assert act(person, "oddpayment", "settle", odd).status_code == 403
        assert OddPayment.objects.get().settled_at is None
        page = reverse("admin:orders_oddpayment_change", args=[odd.pk])
        assert superuser().post(page, {"settled_at": "2026-01-01"}).status_code == 403


class TestWhatFailedFiveTimes:
    """The alarm stands on the front page of whoever can do something, and leads to what is tried again."""

    @pytest.fixture
    def parked(self, provider: type[FakeProvider]) -> Effect:
        refund = refunding.propose(
            payment_of(paid_order(variant())).pk,
            Decimal("1.00"),
            reason=Refund.Reason.GOODWILL,
            by=Subject.objects.create(kind=Subject.Kind.EMPLOYEE),
        )
        provider.books.down = True
        for _ in range(PARKED_AFTER):
            Effect.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))
            deliver_due()
        provider.books.down = False
        return Effect.objects.get(key=f"refund:{refund.pk}")

    def test_is_shown_as_an_alarm_and_done_when_it_is_tried_again(self, desk: Client, parked: Effect) -> None:
        assert (parked.attempts, parked.parked_at is None) == (5, False)
        assert deliver_due() == 0, "nothing is tried without a person"
        (alarm,) = [card for card in desk.get("/admin/").context["waiting"] if "stuck" in card.label]
        assert (alarm.number, alarm.urgent) == (1, True)
        assert parked.key in desk.get(alarm.url).content.decode()
        act(desk, "effect", "try_again", parked, app="privacy")
        deliver_due()
        assert Refund.objects.get().state == Refund.State.DONE
        (alarm,) = [card for card in desk.get("/admin/").context["waiting"] if "stuck" in card.label]
        assert (alarm.number, alarm.urgent) == (0, False)

    def test_is_tried_again_by_nobody_who_may_only_read(self, parked: Effect) -> None:
        officer = works_as(PRIVACY_OFFICER, "officer@example.com")
        assert act(officer, "effect", "try_again", parked, app="privacy").status_code == 403
        assert Effect.objects.get(pk=parked.pk).parked_at


class TestWhoMayDoIt:
    """Reading an order is not the right to act on it, nor to carry its address out on paper."""

    def test_only_the_desk_acts_on_orders(self, others: list[Client], provider: type[FakeProvider]) -> None:
        order, waiting = paid_order(variant("TEA")), buy(Client(), variant("CUP"))
        parcel = sent(paid_order(variant("POT")))
        provider.settle(payment_of(waiting).intent_id)
        deeds = [
            ("order", "pack_what_is_left", order),
            ("order", "cancel_and_refund", order),
            ("order", "print_invoices", order),
            ("parcel", "unpack", parcel),
            ("parcel", "print_packing_slips", parcel),
            ("payment", "ask_the_provider", payment_of(waiting)),
        ]
        for person, (model, action, row) in itertools.product(others, deeds):
            assert act(person, model, action, row).status_code == 403, (model, action)
        assert set(Order.objects.values_list("state", flat=True)) == {"paid", "pending_payment"}
        assert payment_of(waiting).state != Payment.State.PAID
        assert not OrderAction.objects.exclude(by=None).exists()

    def test_whoever_prints_an_address_has_looked_at_it(self, desk: Client) -> None:
        parcel = sent(paid_order(variant()))
        for number, (model, action, row) in enumerate(
            [("order", "print_invoices", parcel.order), ("parcel", "print_packing_slips", parcel)], 1
        ):
            assert act(desk, model, action, row).content.startswith(b"%PDF")
            assert Look.objects.count() == number
        look = Look.objects.latest("looked_at")
        assert look.subject == parcel.order.delivery_address.subject
        assert look.records == [f"orders.DeliveryAddress:{parcel.order.delivery_address.pk}"]
        assert look.category == Look.Category.ORDER
