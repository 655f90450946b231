"""An order whose person was erased still adds up: its sums, its parcels, its refund and its papers, without a name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.domain.roles import ORDER_DESK
from orders.domain import parcels, reconciling, refunding, returns
from orders.models import (
    DeliveryAddress,
    Order,
    OrderContact,
    OrderLine,
    Parcel,
    ParcelLabel,
    Payment,
    PaymentInstrument,
    Refund,
    ReturnNote,
    ReturnRequest,
)
from orders.tasks import COMPARED_DAYS
from privacy.internal import erasing, expiring
from privacy.models import Subject
from privacy.outbox import deliver_due
from tests.orders.desk import arrive, asked_back
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import payment_of, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures
from tests.support.staff import works_as

pytestmark = pytest.mark.usefixtures("store")

_ADDS_UP = """
SELECT o.number,
       o.total = o.goods_total + o.shipping_total + o.tax_total - o.discount_total,
       o.goods_total = (SELECT sum(l.total) FROM orders_orderline l WHERE l.order_id = o.id),
       o.total = (SELECT sum(p.captured) FROM orders_payment p WHERE p.order_id = o.id AND p.state = 'paid'),
       (SELECT sum(p.refund_total) FROM orders_payment p WHERE p.order_id = o.id)
           = (SELECT coalesce(sum(r.amount), 0) FROM orders_refund r JOIN orders_payment p ON p.id = r.payment_id
               WHERE p.order_id = o.id AND r.state IN ('proposed', 'due', 'done'))
  FROM orders_order o
"""


def books() -> list[Any]:
    """What each order, its lines, its payments and its refunds come to, as the database adds them up."""
    rows: list[Any] = [
        list(model.objects.order_by("pk").values(*names))
        for model, names in (
            (
                Order,
                ("number", "state", "fulfilment", "goods_total", "shipping_total", "tax_total", "total", "currency"),
            ),
            (OrderLine, ("sku", "quantity", "unit_price", "total", "packed", "returning")),
            (Payment, ("state", "amount", "captured", "refund_total")),
            (Refund, ("amount", "state", "reason")),
            (Parcel, ("tracking_number", "state")),
            (ReturnRequest, ("state", "reason")),
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADDS_UP)
        for number, *agrees in cursor.fetchall():
            assert agrees == [True] * 4, (number, agrees)
    return rows


@pytest.fixture
def order() -> Order:
    """Bought and delivered, a piece of it came back, and a little of its money was given back besides."""
    order = arrive(sent(paid_order(variant("TEA"), variant("CUP", price="3.33"), quantity=3)))
    staff = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    row = asked_back(order, 1)
    returns.agree(row.pk, by=staff)
    returns.receive(row.pk, by=staff)
    refunding.propose(payment_of(order).pk, Decimal("1.01"), reason=Refund.Reason.GOODWILL, by=staff)
    deliver_due()
    return order


def test_it_still_adds_up(order: Order, provider: type[FakeProvider]) -> None:
    before = books()
    assert order.subject is not None
    erasing.erase(order.subject, acted_by=None, why="Article 17")
    deliver_due()
    assert books() == before
    since = timezone.now() - dt.timedelta(days=COMPARED_DAYS)
    assert reconciling.reconcile(since).odd == 0, "the provider's books agree as before"


def test_nothing_of_the_person_is_left_in_it(order: Order) -> None:
    assert order.subject is not None
    erasing.erase(order.subject, acted_by=None, why="Article 17")
    deliver_due()
    for model in (OrderContact, DeliveryAddress, PaymentInstrument, ReturnNote, ParcelLabel):
        assert not model.objects.filter(subject=order.subject).exists(), model
    desk = works_as(ORDER_DESK)
    for page in (
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:orders_payment_change", args=[payment_of(order).pk]),
        reverse("admin:orders_returnrequest_judge", args=[ReturnRequest.objects.get().pk]),
    ):
        shown = desk.get(page)
        assert shown.status_code == 200
        for value in ("mina@example.com", "Mina Kim", "MINA KIM", "Amphitheatre", "+16502530000"):
            assert value not in shown.content.decode(), page


def test_the_desk_goes_on_with_it(order: Order) -> None:
    """More is given back and the invoice printed; nobody is told of it, and nothing is sent to nowhere."""
    assert order.subject is not None
    erasing.erase(order.subject, acted_by=None, why="Article 17")
    desk = works_as(ORDER_DESK)
    typed = {"payment": payment_of(order).pk, "amount": "0.50", "reason": "goodwill"}
    assert desk.post(reverse("admin:orders_order_give_back", args=[order.pk]), typed).status_code == 302
    deliver_due()
    assert set(Refund.objects.values_list("state", flat=True)) == {Refund.State.DONE}
    books()
    OrderLine.objects.filter(order=order).update(packed=0)
    with pytest.raises(parcels.CannotPack, match="no delivery address"):
        parcels.pack(order.pk)
    printed = {"action": "print_invoices", "_selected_action": [order.pk]}
    assert desk.post(reverse("admin:orders_order_changelist"), printed).content.startswith(b"%PDF")


def test_whoever_still_waits_for_money_is_forgotten_when_it_has_come(order: Order) -> None:
    """A return that is not decided needs its buyer's address: the erasure says so and takes it when that is over."""
    assert order.subject is not None
    row = asked_back(order, 1)
    erasing.erase(order.subject, acted_by=None, why="Article 17")
    assert OrderContact.objects.filter(order=order).exists()
    returns.decline(row.pk, by=Subject.objects.create(kind=Subject.Kind.EMPLOYEE))
    deliver_due()
    expiring.expire()
    assert not OrderContact.objects.filter(order=order).exists()
    assert not DeliveryAddress.objects.filter(order=order).exists()
    books()
