"""The order desk: everything to be read, personal values masked, nothing to be written past the domain."""

import pytest
from django.test import Client
from django.urls import reverse

from orders.domain.payment import finalise
from orders.models import DeliveryAddress, Order, OrderContact, Payment, ShippingRate
from privacy.models import Collection
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.support.staff import open_form, superuser

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
