"""A box ticked beside a form stops news to the address in that form, also where somebody else is known to have it."""

import pytest
from django.urls import reverse

from marketing.domain import suppressing
from privacy.declaration import Purpose
from privacy.models import Effect, Subject
from privacy.outbox import deliver_due
from privacy.permission import may_contact, refuse
from tests.orders.shop import CONTACT, buy, variant
from tests.support import aged
from tests.support.people import shown_notice
from tests.support.readers import NEWS, reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_store")]


def test_a_guests_box_stops_the_news_that_the_same_mailbox_had_asked_for(client):
    subscription = reader(CONTACT["email"])
    assert not suppressing.suppressed({1: CONTACT["email"]}, Purpose.MARKETING_EMAIL)
    order = buy(client, variant(), no_marketing="on")
    assert not may_contact(order.subject, *NEWS)
    deliver_due()
    assert suppressing.suppressed({1: subscription.email.upper()}, Purpose.MARKETING_EMAIL) == {1}


def confirmed_to(person, mailoutbox):
    """Who is written to about what a person chose, under the law that wants it, and the letters."""
    Subject.objects.filter(pk=person.pk).update(jurisdiction="KR")
    deliver_due()
    Effect.objects.filter(kind="marketing.confirm_choices").update(due_at="2000-01-01T00:00Z")
    mailoutbox.clear()
    deliver_due()
    return [(letter.to, letter.body) for letter in mailoutbox]


def test_a_guests_no_is_confirmed_where_they_hear_of_their_order(client, mailoutbox):
    order = buy(client, variant(), no_marketing="on")
    ((to, body),) = confirmed_to(order.subject, mailoutbox)
    assert to == [CONTACT["email"]]
    assert "- Send me news of this store by e-mail" in body
    assert ": no (" in body
    assert reverse("privacy:write") in body


def test_the_no_of_somebody_with_an_account_is_confirmed_to_its_address(client, mailoutbox):
    account = aged.account("owner@example.com")
    notice = shown_notice(asks=[])
    refuse(account.subject, method="form", notice=notice)
    ((to, body),) = confirmed_to(account.subject, mailoutbox)
    assert to == ["owner@example.com"]
    assert reverse("privacy:centre") in body


def test_who_left_no_address_cannot_be_written_to_and_keeps_nothing_waiting(mailoutbox):
    nobody = Subject.objects.create(kind="guest")
    refuse(nobody, method="form", notice=shown_notice(asks=[]))
    assert confirmed_to(nobody, mailoutbox) == []
    assert not Effect.objects.filter(done_at__isnull=True).exists()


def test_an_order_without_the_box_stops_nothing(client):
    reader(CONTACT["email"])
    buy(client, variant())
    deliver_due()
    assert not suppressing.suppressed({1: CONTACT["email"]}, Purpose.MARKETING_EMAIL)
