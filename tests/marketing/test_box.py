"""A box ticked beside a form stops news to the address in that form, also where somebody else is known to have it."""

import pytest

from marketing.domain import suppressing
from privacy.declaration import Purpose
from privacy.outbox import deliver_due
from privacy.permission import may_contact
from tests.orders.shop import CONTACT, buy, variant
from tests.support.readers import NEWS, reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_store")]


def test_a_guests_box_stops_the_news_that_the_same_mailbox_had_asked_for(client):
    subscription = reader(CONTACT["email"])
    assert not suppressing.suppressed({1: CONTACT["email"]}, Purpose.MARKETING_EMAIL)
    order = buy(client, variant(), no_marketing="on")
    assert not may_contact(order.subject, *NEWS)
    deliver_due()
    assert suppressing.suppressed({1: subscription.email.upper()}, Purpose.MARKETING_EMAIL) == {1}


def test_an_order_without_the_box_stops_nothing(client):
    reader(CONTACT["email"])
    buy(client, variant())
    deliver_due()
    assert not suppressing.suppressed({1: CONTACT["email"]}, Purpose.MARKETING_EMAIL)
