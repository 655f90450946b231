"""After the sale: pieces are packed once, the courier learns what it needs and no more, and its messages come in any order."""

import datetime as dt
import itertools
import json
import random

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalogue.models import Variant
from orders.courier import s10
from orders.courier.provider import CourierUnavailable
from orders.domain import cancelling, claiming, parcels, returns
from orders.domain.payment import finalise
from orders.domain.states import MACHINES, PARCEL
from orders.models import (
    Order,
    OrderAction,
    OrderLine,
    Parcel,
    ParcelLabel,
    ParcelScan,
    Payment,
    Refund,
    ReturnNote,
    ReturnRequest,
)
from privacy.internal import expiring
from privacy.models import Disclosure, Effect, Subject
from privacy.outbox import deliver_due
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.fake_courier import FakeCourier, scan
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, hidden, payment_of, variant

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(autouse=True)
def _courier(settings):
    settings.COURIER = "tests.orders.fake_courier.FakeCourier"
    FakeCourier.begin_anew()


@pytest.fixture
def staff(db) -> Subject:
    return Subject.objects.create(kind=Subject.Kind.EMPLOYEE)


def paid_order(*goods: Variant, browser: Client | None = None, quantity: int = 1, **typed) -> Order:
    order = buy(browser or Client(), *goods, quantity=quantity, **typed)
    FakeProvider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    return order


def sent(order: Order, pieces=None) -> Parcel:
    parcel = parcels.pack(order.pk, pieces)
    deliver_due()
    parcel.refresh_from_db()
    return parcel


def heard(parcel: Parcel, *states: str) -> None:
    for state in states:
        parcels.heard(scan(parcel.tracking_number, state), courier_name="fake")


class TestPacking:
    def test_the_courier_learns_name_address_and_phone_and_nothing_else(self):
        order = paid_order(variant(), note="leave it at the door")
        parcel = sent(order)
        (wish,) = FakeCourier.wishes.values()
        assert set(wish.address) == {
            "recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2",
        }  # fmt: skip
        assert "mina@example.com" not in repr(dict(wish.address)) + repr(wish.contents)
        told = Disclosure.objects.get(handed_to="courier")
        assert told.subject == order.delivery_address.subject
        assert parcel.state == Parcel.State.REGISTERED
        assert s10.is_valid(parcel.tracking_number)
        assert ParcelLabel.objects.get(parcel=parcel).collection.surface == "provider.courier"

    def test_an_order_travels_in_parts_and_says_so(self):
        tea, cup = variant("TEA"), variant("CUP")
        order = paid_order(tea, cup, quantity=2)
        first, second = order.lines.all()
        one = sent(order, {first.pk: 2})
        heard(one, "handed_over")
        order.refresh_from_db()
        assert order.fulfilment == "partly_shipped"
        two = sent(order)
        assert [(row.line_id, row.quantity) for row in two.lines.all()] == [(second.pk, 2)]
        heard(two, "handed_over")
        order.refresh_from_db()
        assert order.fulfilment == "shipped"
        heard(one, "delivered")
        heard(two, "delivered")
        order.refresh_from_db()
        assert order.fulfilment == "delivered"
        assert order.delivered_at

    def test_no_piece_is_packed_twice(self):
        order = paid_order(variant(), quantity=3)
        (line,) = order.lines.all()
        parcels.pack(order.pk, {line.pk: 2})
        for too_many in ({line.pk: 2}, {line.pk: 1, 999: 1}, {line.pk: 0}, {line.pk: -1}):
            with pytest.raises(parcels.CannotPack):
                parcels.pack(order.pk, too_many)
        parcels.pack(order.pk)
        with pytest.raises(parcels.CannotPack):
            parcels.pack(order.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderLine.objects.update(packed=F("packed") + 1)

    def test_an_unpaid_or_cancelled_order_is_not_packed(self, staff):
        waiting = buy(Client(), variant("A"))
        with pytest.raises(parcels.CannotPack, match="paid"):
            parcels.pack(waiting.pk)
        cancelled = paid_order(variant("B"))
        cancelling.cancel(cancelled.pk, by=staff)
        with pytest.raises(parcels.CannotPack, match="paid"):
            parcels.pack(cancelled.pk)

    def test_a_courier_that_is_away_delays_and_loses_nothing(self):
        order = paid_order(variant())
        FakeCourier.away = True
        parcel = parcels.pack(order.pk)
        with pytest.raises(CourierUnavailable):
            parcels.register(parcel.pk)
        FakeCourier.away = False
        for _ in range(3):
            parcels.register(parcel.pk)
        assert len(FakeCourier.numbers) == 1
        assert ParcelLabel.objects.count() == 1

    def test_the_courier_learns_nothing_of_a_parcel_that_it_does_not_carry(self, staff):
        parcel = parcels.pack(paid_order(variant()).pk)
        parcels.unpack(parcel.pk, by=staff)
        deliver_due()
        parcels.register(parcel.pk)
        assert FakeCourier.wishes == {}
        assert not Disclosure.objects.filter(handed_to="courier").exists()
        parcel.refresh_from_db()
        assert (parcel.state, parcel.tracking_number) == (Parcel.State.UNPACKED, "")

    def test_a_parcel_is_taken_apart_until_the_courier_has_it(self, staff):
        order = paid_order(variant())
        parcel = sent(order)
        parcels.unpack(parcel.pk, by=staff)
        assert parcels.left_to_pack(order) != {}
        assert not ParcelLabel.objects.exists()
        again = sent(order)
        FakeCourier.collected.add(again.tracking_number)
        with pytest.raises(parcels.CannotPack):
            parcels.unpack(again.pk, by=staff)


class TestScans:
    def test_come_in_any_order_twice_and_late_and_end_the_same(self):
        ways = list(itertools.permutations(["registered", "handed_over", "delivered"]))
        for number, way in enumerate(ways):
            order = paid_order(variant(f"TEA-{number}"))
            parcel = sent(order)
            for state in random.Random(number).sample(way * 2, 6):
                heard(parcel, state)
            parcel.refresh_from_db()
            order.refresh_from_db()
            assert (parcel.state, order.fulfilment) == ("delivered", "delivered"), way
            assert ParcelScan.objects.filter(parcel=parcel).count() == 3
        deliver_due()
        arrived = [m for m in mail.outbox if "has arrived" in m.subject]
        assert len(arrived) == len(ways)

    def test_that_come_before_we_know_the_number_are_asked_for_again(self, client, monkeypatch):
        parcel = parcels.pack(paid_order(variant()).pk)
        ahead = scan("EE000000005KR", "handed_over")
        monkeypatch.setattr(FakeCourier, "read_webhook", lambda *_about: ahead)
        told = client.post("/parcels/webhook/", b"{}", content_type="application/json")
        assert (told.status_code, told["Retry-After"]) == (503, "5")
        assert not ParcelScan.objects.exists()
        deliver_due()
        told = client.post("/parcels/webhook/", b"{}", content_type="application/json")
        assert told.status_code == 200, "every parcel has its number, so this one is not ours"
        parcel.refresh_from_db()
        heard(parcel, "handed_over")
        parcel.refresh_from_db()
        assert parcel.state == Parcel.State.HANDED_OVER

    def test_of_no_parcel_of_ours_change_nothing(self):
        assert not parcels.heard(scan("EE000000005KR", "delivered"), courier_name="fake")
        parcel = sent(paid_order(variant()))
        assert not parcels.heard(scan(parcel.tracking_number, "delivered"), courier_name="another")

    def test_a_parcel_that_came_back_can_be_sent_again(self):
        order = paid_order(variant())
        parcel = sent(order)
        heard(parcel, "handed_over", "returned")
        order.refresh_from_db()
        assert order.fulfilment == "waiting"
        again = sent(order)
        heard(again, "delivered")
        order.refresh_from_db()
        assert order.fulfilment == "delivered"

    def test_each_step_is_told_by_mail_and_written_down(self):
        order = paid_order(variant())
        deliver_due()
        mail.outbox.clear()
        parcel = sent(order)
        heard(parcel, "handed_over", "delivered")
        deliver_due()
        subjects = [message.subject for message in mail.outbox]
        assert ["on its way" in subjects[0], "has arrived" in subjects[1]] == [True, True]
        assert parcel.tracking_number in mail.outbox[0].body
        assert [a.kind for a in OrderAction.objects.order_by("pk")] == ["packed", "handed_over", "delivered"]

    def test_the_label_goes_a_week_after_the_parcel_arrived(self):
        arrived, under_way = (sent(paid_order(variant(sku))) for sku in ("TEA", "CUP"))
        heard(arrived, "handed_over", "delivered")
        heard(under_way, "handed_over")
        now = timezone.now()
        Parcel.objects.filter(pk=arrived.pk).update(delivered_at=now - dt.timedelta(days=6, hours=23))
        Parcel.objects.filter(pk=under_way.pk).update(handed_over_at=now - dt.timedelta(days=36))
        expiring.expire()
        assert ParcelLabel.objects.count() == 2
        Parcel.objects.filter(pk=arrived.pk).update(delivered_at=now - dt.timedelta(days=7, minutes=1))
        expiring.expire()
        assert ParcelLabel.objects.get().parcel == under_way, "one that has not arrived may have to be printed again"
        # One of which no scan ever told must have arrived within thirty days.
        Parcel.objects.filter(pk=under_way.pk).update(handed_over_at=now - dt.timedelta(days=38))
        expiring.expire()
        assert not ParcelLabel.objects.exists()
        arrived.order.refresh_from_db()
        assert arrived.order.fulfilment == "delivered"


class TestStates:
    def test_every_way_is_walked_as_data_and_nothing_else_is_possible(self):
        for machine in MACHINES:
            states = {value for value, _label in machine.model._meta.get_field(machine.field).choices}
            assert set(machine.ways) == states, machine.name
            assert {then for ways in machine.ways.values() for then in ways} <= states

    def test_the_drawing_in_the_docs_is_fresh(self):
        call_command("draw_states", "--check")

    def test_a_move_that_may_not_follow_changes_nothing(self):
        parcel = sent(paid_order(variant()))
        assert PARCEL.move(parcel.pk, "delivered", delivered_at=timezone.now())
        for state in ("packed", "registered", "handed_over", "unpacked", "returned"):
            assert not PARCEL.move(parcel.pk, state)


class TestCancelling:
    def test_gives_goods_and_money_back_once(self, staff):
        tea = variant(stock=5)
        order = paid_order(tea, quantity=2)
        tea.refresh_from_db()
        assert tea.stock == 3
        refund = cancelling.cancel(order.pk, by=order.subject)
        tea.refresh_from_db()
        order.refresh_from_db()
        assert (tea.stock, order.state) == (5, "cancelled")
        assert refund.amount == order.total
        with pytest.raises(cancelling.CannotCancel):
            cancelling.cancel(order.pk, by=staff)
        tea.refresh_from_db()
        assert tea.stock == 5
        deliver_due()
        assert Refund.objects.get().state == Refund.State.DONE
        assert any("is cancelled" in message.subject for message in mail.outbox)

    def test_is_over_when_a_parcel_is_packed(self, staff):
        order = paid_order(variant())
        parcels.pack(order.pk)
        assert not cancelling.can_cancel(order)
        with pytest.raises(cancelling.CannotCancel, match="packed"):
            cancelling.cancel(order.pk, by=staff)

    def test_by_the_buyer_on_the_page_asks_first(self):
        browser = Client()
        order = paid_order(variant(), browser=browser)
        page = browser.get(f"/orders/{order.number}/cancel/")
        order.refresh_from_db()
        assert order.state == Order.State.PAID
        assert b"Cancel the order" in page.content
        browser.post(f"/orders/{order.number}/cancel/")
        order.refresh_from_db()
        assert order.state == Order.State.CANCELLED
        assert Client().get(f"/orders/{order.number}/cancel/").status_code == 404


class TestReturns:
    def arrived(self, browser: Client | None = None, **kwargs) -> Order:
        order = paid_order(variant(stock=9), browser=browser, quantity=3, **kwargs)
        parcel = sent(order)
        parcels.heard(scan(parcel.tracking_number, "delivered", at=timezone.now()), courier_name="fake")
        return order

    def test_from_the_page_to_the_money(self, staff):
        browser = Client()
        order = self.arrived(browser)
        (line,) = order.lines.all()
        page = browser.get(f"/orders/{order.number}/return/").content
        answer = browser.post(
            f"/orders/{order.number}/return/",
            {
                "notice": hidden(page, "notice"),
                f"line_{line.pk}": "2",
                "reason": "damaged",
                "words": "The lid is cracked.",
            },
        )
        assert answer.status_code == 302, answer.content.decode()
        request = ReturnRequest.objects.get()
        assert ReturnNote.objects.get().collection.surface == "web.return"
        returns.agree(request.pk, by=staff)
        refund = returns.receive(request.pk, by=staff, fit_for_sale=[line.pk])
        assert refund.amount == line.unit_price * 2
        assert Variant.objects.get().stock == 8
        request.refresh_from_db()
        assert request.state == "refunded"
        for again in (returns.agree, returns.decline, returns.receive):
            with pytest.raises(returns.CannotReturn):
                again(request.pk, by=staff)
        deliver_due()
        assert Payment.objects.get().refund_total == refund.amount
        assert sum("give back" in m.subject for m in mail.outbox) == 2

    def test_no_piece_comes_back_twice(self, staff):
        order = self.arrived()
        (line,) = order.lines.all()
        returns.ask(order.pk, {line.pk: 2}, reason="other", subject=order.subject)
        with pytest.raises(returns.CannotReturn, match="more pieces"):
            returns.ask(order.pk, {line.pk: 2}, reason="other", subject=order.subject)
        second = returns.ask(order.pk, {line.pk: 1}, reason="other", subject=order.subject)
        returns.decline(second.pk, by=staff)
        returns.ask(order.pk, {line.pk: 1}, reason="other", subject=order.subject)

    def test_what_has_not_arrived_or_long_ago_does_not_come_back(self):
        order = paid_order(variant())
        assert returns.returnable(order) == {}
        order = self.arrived_once_more()
        Parcel.objects.filter(order=order).update(delivered_at=timezone.now() - dt.timedelta(days=15))
        assert returns.returnable(order) == {}

    def arrived_once_more(self) -> Order:
        order = paid_order(variant("OTHER"))
        heard(sent(order), "delivered")
        Parcel.objects.filter(order=order).update(delivered_at=timezone.now())
        assert returns.returnable(order)
        return order


class TestClaiming:
    def test_needs_a_confirmed_address_and_a_wish(self, django_user_model):
        order = paid_order(variant())
        stranger = django_user_model.objects.create_user("somebody@example.com", "a long password")
        account = django_user_model.objects.create_user("mina@example.com", "a long password")
        EmailAddress.objects.update(verified=True)
        assert not claiming.claim(order.pk, stranger)
        EmailAddress.objects.filter(user=account).update(verified=False)
        assert not claiming.claim(order.pk, account)
        EmailAddress.objects.filter(user=account).update(verified=True)
        browser = Client()
        browser.force_login(account)
        order.refresh_from_db()
        assert order.account is None
        assert claiming.claim(order.pk, account)
        order.refresh_from_db()
        assert order.account == account
        assert Subject.objects.get(pk=order.subject_id).merged_into == account.subject
        assert not claiming.claim(order.pk, stranger)


def test_nothing_of_the_address_is_in_the_outbox():
    paid = paid_order(variant())
    sent(paid)
    assert "Mina" not in json.dumps([effect.ids for effect in Effect.objects.all()])
