"""use.only-as-stated: nothing is kept longer than the policy says, and what only a law keeps is used for nothing else."""

import pytest
from django.db import DatabaseError, connection, transaction

from orders.models import DeliveryAddress, Order, OrderContact
from privacy.internal import archive, expiring, policy, remaining, retention
from privacy.internal.periods import after
from tests.support import aged

pytestmark = pytest.mark.django_db


def test_each_record_dies_on_the_day_that_the_policy_promises():
    order = aged.order(placed_at=aged.days_ago(1))
    promised = policy.current().retention["contract"].period
    for record in (order.contact, order.delivery_address):
        assert retention.day_of_death(record) == after(order.placed_at, promised)


def test_after_its_purpose_an_address_serves_nothing_but_the_law():
    order = aged.order(placed_at=aged.days_ago(125))
    person = order.subject
    expiring.expire()
    assert not OrderContact.objects.exists()
    assert not DeliveryAddress.objects.exists()
    assert len(archive.index([person.pk])) == 4
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM law_archive.kept")
    assert Order.objects.get().total == order.total


def test_after_the_law_nothing_is_left():
    person = aged.order(placed_at=aged.years_ago(5, days=1)).subject
    assert remaining.records_overdue() == 4, "what stands where it should not is seen"
    expiring.expire()
    assert archive.index([person.pk]) == []
    assert remaining.records_overdue() == 0
