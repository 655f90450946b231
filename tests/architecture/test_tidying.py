"""After a test that committed, the tables are as `flush` leaves them: nothing more, nothing less, and guarded as before."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection

from orders.models import Order
from privacy.internal.ledger import building
from privacy.models import Collection
from tests.support import aged, emptying

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before():
    """The contents and the guards of an emptied store, in which somebody then buys and somebody removes the roles."""
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    with emptying.owner() as cursor:
        emptying.remember(cursor)
        before = emptying.digests(cursor), emptying.guards(cursor)
    aged.order(placed_at=aged.years_ago(1), account=aged.account())
    building.extend()
    Group.objects.first().delete()
    Group.objects.filter(pk=Group.objects.first().pk).update(name="renamed")
    connection.close()
    return before


def test_what_a_test_wrote_changed_and_removed_is_put_back(before):
    with emptying.owner() as cursor:
        assert emptying.digests(cursor) != before[0]
        assert emptying.restore(cursor)
    with emptying.owner() as cursor:
        assert (emptying.digests(cursor), emptying.guards(cursor)) == before
    assert not Order.objects.exists()
    order = aged.order(placed_at=aged.years_ago(1))
    with pytest.raises(DatabaseError):
        Collection.objects.filter(subject=order.subject)._raw_delete("default")


def test_what_is_much_is_left_to_flush(before, monkeypatch):
    monkeypatch.setattr(emptying, "MOST_BYTES", 100)
    with emptying.owner() as cursor:
        assert not emptying.restore(cursor)
    assert Order.objects.exists()
