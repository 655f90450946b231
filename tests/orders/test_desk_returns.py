"""Returns at the desk: seen with their photographs, decided by whoever may, paid back by two people above a sum."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import MARKETER, ORDER_DESK, PRIVACY_OFFICER
from catalogue.models import Variant
from orders.models import Order, OrderAction, Refund, ReturnNote, ReturnRequest
from privacy.models import Look
from privacy.outbox import deliver_due
from tests.orders.desk import act, arrive, asked_back, last_action
from tests.orders.shop import hidden, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures
from tests.support.photographs import TELLING, as_upload, taken_by_a_telephone
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.usefixtures("store")

WORDS = "The lid is cracked, see the picture."


@pytest.fixture
def desk() -> Client:
    return works_as(ORDER_DESK)


@pytest.fixture
def order() -> Order:
    return arrive(sent(paid_order(variant(stock=9), quantity=3)))


@pytest.fixture
def row(order: Order) -> ReturnRequest:
    return asked_back(order, 2)


def judge(row: ReturnRequest) -> str:
    return reverse("admin:orders_returnrequest_judge", args=[row.pk])


def state_of(row: ReturnRequest) -> str:
    row.refresh_from_db()
    return row.state


class TestWhatTheBuyerSent:
    @pytest.fixture
    def row(self) -> ReturnRequest:
        """Asked for on the shopper's page, with words and a photograph of a telephone."""
        browser = Client()
        order = arrive(sent(paid_order(variant(), browser=browser)))
        address = f"/orders/{order.number}/return/"
        answers = {
            "notice": hidden(browser.get(address).content, "notice"),
            f"line_{order.lines.get().pk}": "1",
            "reason": "damaged",
            "words": WORDS,
            "photographs": as_upload(taken_by_a_telephone()),
        }
        assert browser.post(address, answers).status_code == 302
        return ReturnRequest.objects.get()

    def test_is_seen_after_the_look_is_written_down(self, desk: Client, row: ReturnRequest) -> None:
        picture = reverse("admin:orders_returnrequest_picture", args=[row.pk, 1])
        before = desk.get(judge(row)).content.decode()
        assert "1 photograph" in before
        assert "It arrived damaged" in before
        assert WORDS not in before
        assert desk.get(picture).status_code == 404
        assert not Look.objects.exists()
        desk.post(judge(row), {"look": "1"})
        look = Look.objects.get()
        assert (look.category, look.subject) == (Look.Category.ORDER, row.order.subject)
        assert look.records == [f"orders.ReturnNote:{ReturnNote.objects.get().pk}"]
        after = desk.get(judge(row)).content.decode()
        assert WORDS in after
        assert picture in after
        seen = desk.get(picture)
        assert seen["Content-Type"] == "image/jpeg"
        assert "no-store" in seen["Cache-Control"]
        assert seen.content.startswith(b"\xff\xd8")
        assert not any(telling in seen.content for telling in TELLING)
        assert desk.get(reverse("admin:orders_returnrequest_picture", args=[row.pk, 2])).status_code == 404

    def test_is_masked_everywhere_else(self, desk: Client, row: ReturnRequest) -> None:
        for page in (
            reverse("admin:orders_returnrequest_change", args=[row.pk]),
            reverse("admin:orders_returnrequest_changelist"),
            reverse("admin:orders_order_change", args=[row.order_id]),
        ):
            shown = desk.get(page)
            assert shown.status_code == 200
            assert "cracked" not in shown.content.decode(), page

    def test_is_seen_by_nobody_else(self, desk: Client, row: ReturnRequest) -> None:
        desk.post(judge(row), {"look": "1"})
        for role, email in ((PRIVACY_OFFICER, "officer@example.com"), (MARKETER, "market@example.com")):
            other = works_as(role, email)
            assert other.get(judge(row)).status_code == 403
            assert other.post(judge(row), {"look": "1"}).status_code == 403
            assert other.get(reverse("admin:orders_returnrequest_picture", args=[row.pk, 1])).status_code == 403
        colleague = works_as(ORDER_DESK, "colleague@example.com")
        assert WORDS not in colleague.get(judge(row)).content.decode()
        assert colleague.get(reverse("admin:orders_returnrequest_picture", args=[row.pk, 1])).status_code == 404
        assert Look.objects.count() == 1


class TestOneReturn:
    """Each step is a button of its page, taken by the same functions as everywhere, and leaves a row that says by whom."""

    def test_goes_from_the_wish_to_the_money(self, desk: Client, order: Order, row: ReturnRequest) -> None:
        (line,) = order.lines.all()
        assert desk.post(judge(row), {"step": "agree"}).status_code == 302
        assert (state_of(row), last_action()) == ("agreed", ("return_agreed", True))
        assert str(line.pk) in desk.get(judge(row)).content.decode()
        assert desk.post(judge(row), {"step": "receive", "fit": [line.pk]}).status_code == 302
        assert state_of(row) == "refunded"
        refund = Refund.objects.get()
        assert (refund.amount, refund.reason, refund.state) == (line.unit_price * 2, "returned", "due")
        assert Variant.objects.get().stock == 8
        rows = OrderAction.objects.filter(order=order).exclude(by=None).values_list("kind", flat=True)
        assert {"return_asked", "return_agreed", "return_received", "refunded"} <= set(rows)
        deliver_due()
        refund.refresh_from_db()
        assert refund.state == "done"
        assert sum("give back" in letter.subject for letter in mail.outbox) == 2

    def test_what_is_not_fit_for_sale_is_paid_and_not_put_back(self, desk: Client, row: ReturnRequest) -> None:
        desk.post(judge(row), {"step": "agree"})
        desk.post(judge(row), {"step": "receive"})
        assert Variant.objects.get().stock == 6
        assert Refund.objects.get().amount == Decimal("25.00")

    def test_is_reached_from_its_order_until_it_is_over(self, desk: Client, order: Order, row: ReturnRequest) -> None:
        page = reverse("admin:orders_order_change", args=[order.pk])
        assert judge(row) in desk.get(page).content.decode()
        desk.post(judge(row), {"step": "decline"})
        assert judge(row) not in desk.get(page).content.decode()

    def test_is_declined_and_may_be_asked_for_again(self, desk: Client, order: Order, row: ReturnRequest) -> None:
        desk.post(judge(row), {"step": "decline"})
        assert (state_of(row), last_action()) == ("declined", ("return_declined", True))
        assert not Refund.objects.exists()
        assert asked_back(order, 3)
        deliver_due()
        assert "cannot take this back" in mail.outbox[-1].body

    @pytest.mark.parametrize("step", ["receive", "pay_back", "delete", ""])
    def test_takes_no_step_that_does_not_follow(self, desk: Client, row: ReturnRequest, step: str) -> None:
        assert desk.post(judge(row), {"step": step, "amount": "1"}).status_code == 422
        assert state_of(row) == "asked"
        assert not Refund.objects.exists()

    def test_takes_nothing_of_another_order_back_onto_the_shelf(self, desk: Client, row: ReturnRequest) -> None:
        other = paid_order(variant("CUP", stock=5)).lines.get()
        desk.post(judge(row), {"step": "agree"})
        assert desk.post(judge(row), {"step": "receive", "fit": [other.pk]}).status_code == 422
        assert Variant.objects.get(sku="CUP").stock == 4

    def test_is_written_by_no_form(self, row: ReturnRequest) -> None:
        boss = superuser()
        page = reverse("admin:orders_returnrequest_change", args=[row.pk])
        assert boss.post(page, {"state": "refunded"}).status_code == 403
        assert (
            boss.post(reverse("admin:orders_returnrequest_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        )
        assert boss.get(reverse("admin:orders_returnrequest_add")).status_code == 403

    def test_is_decided_by_nobody_without_the_right(self, row: ReturnRequest) -> None:
        for role, email in ((PRIVACY_OFFICER, "officer@example.com"), (MARKETER, "market@example.com")):
            assert works_as(role, email).post(judge(row), {"step": "agree"}).status_code == 403
        assert state_of(row) == "asked"


class TestAboveASum:
    @pytest.fixture(autouse=True)
    def _sum(self, settings: Any) -> None:
        settings.REFUND_BY_ONE_UP_TO = {"USD": 20}

    @pytest.fixture
    def received(self, desk: Client, row: ReturnRequest) -> ReturnRequest:
        desk.post(judge(row), {"step": "agree"})
        desk.post(judge(row), {"step": "receive"})
        return row

    def test_a_second_person_releases_the_money(self, desk: Client, received: ReturnRequest) -> None:
        refund = Refund.objects.get()
        assert (state_of(received), refund.state) == ("received", "proposed")
        assert "second person" in desk.get(judge(received)).content.decode()
        deliver_due()
        assert "write again" in mail.outbox[-1].body
        act(desk, "refund", "release", refund)
        assert Refund.objects.get().state == "proposed", "who received the goods cannot release their price"
        assert state_of(received) == "received"
        act(works_as(ORDER_DESK, "second@example.com"), "refund", "release", refund)
        assert state_of(received) == "refunded"
        assert received.closed_at
        assert last_action() == ("refund_released", True)
        deliver_due()
        assert Refund.objects.get().state == "done"
        assert "25.00" in mail.outbox[-1].body

    def test_what_was_not_agreed_to_is_decided_again(self, desk: Client, received: ReturnRequest) -> None:
        act(works_as(ORDER_DESK, "second@example.com"), "refund", "reject", Refund.objects.get())
        assert last_action() == ("refund_rejected", True)
        assert state_of(received) == "received"
        page = desk.get(judge(received)).content.decode()
        assert 'value="25.00"' in page
        for wrong in ("-1", "25.01", "1000", "NaN", ""):
            assert desk.post(judge(received), {"step": "pay_back", "amount": wrong}).status_code == 422, wrong
        assert Refund.objects.count() == 1
        desk.post(judge(received), {"step": "pay_back", "amount": "5.00"})
        assert state_of(received) == "refunded"
        assert (received.refund.amount, received.refund.state) == (Decimal("5.00"), "due")

    def test_or_closed_without_money(self, desk: Client, received: ReturnRequest) -> None:
        act(works_as(ORDER_DESK, "second@example.com"), "refund", "reject", Refund.objects.get())
        desk.post(judge(received), {"step": "pay_back", "amount": "0"})
        assert state_of(received) == "refunded"
        assert received.closed_at
        assert last_action() == ("return_closed", True)
        deliver_due()
        assert "no money back" in mail.outbox[-1].body
        assert desk.post(judge(received), {"step": "pay_back", "amount": "1"}).status_code == 422


class TestManyAtOnce:
    """Shown first, done when confirmed, refused to who may not."""

    @pytest.fixture
    def rows(self) -> list[ReturnRequest]:
        return [asked_back(arrive(sent(paid_order(variant(sku))))) for sku in ("TEA", "CUP")]

    @pytest.mark.parametrize(
        ("actions", "state", "left", "kind"),
        [
            (["agree"], "agreed", 9, "return_agreed"),
            (["decline"], "declined", 9, "return_declined"),
            (["agree", "received_fit_for_sale"], "refunded", 10, "refunded"),
            (["agree", "received_not_fit_for_sale"], "refunded", 9, "refunded"),
        ],
    )
    def test_are_decided(
        self, desk: Client, rows: list[ReturnRequest], actions: list[str], state: str, left: int, kind: str
    ) -> None:
        for action in actions:
            before = [state_of(row) for row in rows]
            shown = act(desk, "returnrequest", action, *rows, confirmed=False).content.decode()
            assert "Nothing has been done yet" in shown
            for row in rows:
                assert row.order.number in shown
            assert ("12.50" in shown) == action.startswith("received")
            assert [state_of(row) for row in rows] == before
            act(desk, "returnrequest", action, *rows)
        assert {state_of(row) for row in rows} == {state}
        assert set(Variant.objects.values_list("stock", flat=True)) == {left}
        assert OrderAction.objects.filter(kind=kind).exclude(by=None).count() == 2

    def test_one_that_cannot_be_does_not_stop_the_others(self, desk: Client, rows: list[ReturnRequest]) -> None:
        act(desk, "returnrequest", "decline", rows[0])
        act(desk, "returnrequest", "agree", *rows)
        assert [state_of(row) for row in rows] == ["declined", "agreed"]

    def test_who_may_not_is_refused(self, rows: list[ReturnRequest]) -> None:
        officer, marketer = works_as(PRIVACY_OFFICER, "officer@example.com"), works_as(MARKETER)
        for action in ("agree", "decline", "received_fit_for_sale", "received_not_fit_for_sale"):
            for person in (officer, marketer):
                assert act(person, "returnrequest", action, *rows).status_code == 403
        assert {state_of(row) for row in rows} == {"asked"}
        assert not Refund.objects.exists()

    def test_exactly_what_was_shown_is_done(self, desk: Client, rows: list[ReturnRequest]) -> None:
        """Also when all of the list were chosen, beyond its first page."""
        address = reverse("admin:orders_returnrequest_changelist")
        chosen = {"action": "agree", "_selected_action": [rows[0].pk], "select_across": "1"}
        shown = desk.post(address, chosen).content.decode()
        for row in rows:
            assert f'name="_selected_action" value="{row.pk}"' in shown
        assert "select_across" not in shown
