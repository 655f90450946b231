"""The order desk: everything to be read, personal values masked, nothing to be written past the domain."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domain.roles import MARKETER
from orders.domain import parcels
from orders.domain.payment import finalise
from orders.models import (
    DeliveryAddress,
    Order,
    OrderAction,
    OrderContact,
    Parcel,
    Payment,
    Refund,
    ShippingRate,
)
from privacy.models import Collection
from tests.orders.desk import act, arrive, asked_back, last_action
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures
from tests.support.staff import open_form, superuser, works_as

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def staff() -> Client:
    return superuser("staff@example.com")


def test_an_order_is_read_with_its_buyer_masked(client: Client, staff: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    pages = [
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_changelist") + f"?q={order.number.lower().replace('-', '')}",
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:orders_payment_changelist"),
        reverse("admin:orders_payment_change", args=[payment_of(order).pk]),
        reverse("admin:orders_ordercontact_changelist"),
        reverse("admin:orders_deliveryaddress_changelist"),
        reverse("admin:orders_shippingzone_changelist"),
        reverse("admin:orders_shippingzone_change", args=[ShippingRate.objects.first().zone_id]),
    ]
    for page in pages:
        shown = staff.get(page)
        assert shown.status_code == 200, page
        text = shown.content.decode()
        for value in ("mina@example.com", "Mina Kim", "Amphitheatre", "MINA KIM", "+16502530000"):
            assert value not in text, (page, value)
    assert order.number in staff.get(pages[1]).content.decode()


def test_staff_cannot_write_an_order_by_hand(client: Client, staff: Client) -> None:
    order = buy(client, variant())
    page = reverse("admin:orders_order_change", args=[order.pk])
    assert staff.post(page, {"state": "paid", "total": "0.01"}).status_code == 403
    assert staff.post(reverse("admin:orders_order_delete", args=[order.pk]), {"post": "yes"}).status_code == 403
    assert staff.get(reverse("admin:orders_order_add")).status_code == 403
    assert Order.objects.get().state == Order.State.PENDING_PAYMENT


def test_a_correction_of_an_address_goes_through_the_gate(client: Client, staff: Client) -> None:
    order = buy(client, variant())
    address = order.delivery_address
    names = ("recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2")
    sent = {name: getattr(address, name) for name in names} | {"street": "1 Corrected Road"}
    open_form(staff, address)
    staff.post(reverse("admin:orders_deliveryaddress_change", args=[address.pk]), sent)
    address = DeliveryAddress.objects.get()
    assert address.street == "1 Corrected Road"
    assert Collection.objects.get(pk=address.collection_id).surface == "staff.admin"


def test_the_desk_asks_the_provider_about_a_payment(
    client: Client, staff: Client, provider: type[FakeProvider]
) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    action = {"action": "ask_the_provider", "_selected_action": [payment_of(order).pk]}
    staff.post(reverse("admin:orders_payment_changelist"), action)
    assert payment_of(order).state == Payment.State.PAID


def test_no_record_names_a_person(client: Client, provider: type[FakeProvider]) -> None:
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    payment = payment_of(order)
    records = [order, *order.lines.all(), order.contact, order.delivery_address, payment, payment.instrument]
    said = " ".join(f"{record} {record!r}" for record in records)
    for value in ("mina", "Mina", "MINA", "Amphitheatre", "4242", "1650"):
        assert value not in said
    assert OrderContact.objects.count() == 1


class TestManyAtOnce:
    """Each action shows what it would do, does it when that was confirmed, and leaves a row that says by whom."""

    def test_orders_are_packed(self, staff: Client) -> None:
        orders = [paid_order(variant(sku)) for sku in ("TEA", "CUP")]
        shown = act(staff, "order", "pack_what_is_left", *orders, confirmed=False)
        assert "Nothing has been done yet" in shown.content.decode()
        assert "1 ×" in shown.content.decode()
        assert not Parcel.objects.exists()
        act(staff, "order", "pack_what_is_left", *orders)
        assert Parcel.objects.count() == 2
        assert last_action() == ("packed", True)

    def test_one_that_cannot_be_does_not_stop_the_others(self, client: Client, staff: Client) -> None:
        unpaid, paid = buy(client, variant("NO")), paid_order(variant("TEA"))
        act(staff, "order", "pack_what_is_left", unpaid, paid)
        assert Parcel.objects.get().order == paid

    def test_orders_are_cancelled_and_paid_back(self, staff: Client) -> None:
        order = paid_order(variant())
        act(staff, "order", "cancel_and_refund", order, confirmed=False)
        assert not Refund.objects.exists()
        act(staff, "order", "cancel_and_refund", order)
        order.refresh_from_db()
        assert (order.state, Refund.objects.get().amount) == (Order.State.CANCELLED, order.total)
        assert {"cancelled", "refunded"} <= set(OrderAction.objects.values_list("kind", flat=True))
        assert not OrderAction.objects.filter(kind="cancelled", by=None).exists()

    def test_invoices_and_packing_slips_are_printed(self, staff: Client) -> None:
        parcel = sent(paid_order(variant()))
        for model, action, row in (
            ("order", "print_invoices", parcel.order),
            ("parcel", "print_packing_slips", parcel),
        ):
            paper = act(staff, model, action, row)
            assert paper["Content-Type"] == "application/pdf"
            assert paper.content.startswith(b"%PDF")
            assert last_action() == ("printed", True)

    def test_parcels_are_taken_apart(self, staff: Client) -> None:
        act(staff, "order", "pack_what_is_left", paid_order(variant()))
        act(staff, "parcel", "unpack", Parcel.objects.get(), confirmed=False)
        assert Parcel.objects.get().state == Parcel.State.PACKED
        act(staff, "parcel", "unpack", Parcel.objects.get())
        assert Parcel.objects.get().state == Parcel.State.UNPACKED
        assert last_action() == ("unpacked", True)

    def test_who_may_not_is_refused(self) -> None:
        order = paid_order(variant())
        marketer = works_as(MARKETER)
        assert act(marketer, "order", "pack_what_is_left", order).status_code == 403
        for page in ("pack", "give_back"):
            assert marketer.get(reverse(f"admin:orders_order_{page}", args=[order.pk])).status_code == 403


class TestWhatIsDue:
    def test_each_queue_holds_what_waits_there_longest_first(self, staff: Client) -> None:
        buy(Client(), variant("UNPAID"))
        first, second = paid_order(variant("TEA")), paid_order(variant("CUP"), quantity=2)
        packed = sent(paid_order(variant("POT")))
        returned = asked_back(arrive(sent(paid_order(variant("JAR"))))).order
        Order.objects.filter(pk=second.pk).update(paid_at=timezone.now() - dt.timedelta(days=1))
        parcels.pack(second.pk, {second.lines.get().pk: 1})
        queues = {"pack": [second, first], "hand_over": [second, packed.order], "answer": [returned]}
        for queue, wait in queues.items():
            shown = staff.get(reverse("admin:orders_order_changelist"), {"due": queue}).context["cl"].result_list
            assert list(shown) == wait, queue
        waiting = {card.label: card.number for card in staff.get("/admin/").context["waiting"]}
        assert (waiting["orders to be packed"], waiting["returns to be answered"]) == (2, 1)


class TestAPartOfIt:
    def test_of_the_goods_goes_into_a_parcel_of_its_own(self, staff: Client) -> None:
        order = paid_order(variant("TEA"), variant("CUP"), quantity=2)
        tea, cup = order.lines.all()
        page = reverse("admin:orders_order_pack", args=[order.pk])
        assert page in staff.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
        assert "2 left" in staff.get(page).content.decode()
        assert not Parcel.objects.exists()
        for wrong in ({f"line_{tea.pk}": 0, f"line_{cup.pk}": 0}, {f"line_{tea.pk}": 3, f"line_{cup.pk}": 0}, {}):
            assert staff.post(page, wrong).status_code == 422
        assert staff.post(page, {f"line_{tea.pk}": 1, f"line_{cup.pk}": 0}).status_code == 302
        assert [(row.line, row.quantity) for row in Parcel.objects.get().lines.all()] == [(tea, 1)]
        assert last_action() == ("packed", True)
        assert staff.post(page, {f"line_{tea.pk}": 1, f"line_{cup.pk}": 2}).status_code == 302
        assert "nothing left to do" in staff.get(page).content.decode()

    def test_of_the_money_goes_back_and_no_more_than_was_taken(self, staff: Client) -> None:
        order = paid_order(variant())
        payment = payment_of(order)
        page = reverse("admin:orders_order_give_back", args=[order.pk])
        typed = {"payment": payment.pk, "reason": "goodwill"}
        for wrong in ("0", "-1", "1.001", "NaN", "999999", "", "abc"):
            refused = staff.post(page, typed | {"amount": wrong})
            assert refused.status_code == 422, wrong
        assert 'value="abc"' in refused.content.decode(), "nothing that was typed is lost"
        assert not Refund.objects.exists()
        assert staff.post(page, typed | {"amount": "1.25"}).status_code == 302
        refund = Refund.objects.get()
        assert (str(refund.amount), refund.state) == ("1.25", Refund.State.DUE)
        assert last_action() == ("refunded", True)
        assert staff.post(page, typed | {"amount": str(payment.amount)}).status_code == 422

    def test_above_a_sum_two_people_give_it_back(self, staff: Client, settings: object) -> None:
        settings.REFUND_BY_ONE_UP_TO = {"USD": 1}  # type: ignore[attr-defined]
        order = paid_order(variant())
        page = reverse("admin:orders_order_give_back", args=[order.pk])
        staff.post(page, {"payment": payment_of(order).pk, "amount": "2.00", "reason": "goodwill"})
        act(staff, "refund", "release", Refund.objects.get())
        assert Refund.objects.get().state == Refund.State.PROPOSED, "who proposed it cannot release it"
        act(superuser("other@example.com"), "refund", "release", Refund.objects.get())
        assert Refund.objects.get().state == Refund.State.DUE

    def test_of_nobody_elses_payment(self, staff: Client) -> None:
        mine, other = paid_order(variant("A")), paid_order(variant("B"))
        page = reverse("admin:orders_order_give_back", args=[mine.pk])
        sent_ = {"payment": payment_of(other).pk, "amount": "1.00", "reason": "goodwill"}
        assert staff.post(page, sent_).status_code == 422
        assert not Refund.objects.exists()
