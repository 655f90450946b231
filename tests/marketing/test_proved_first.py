"""Nothing of marketing goes to a mailbox whose owner has not answered from it; and each wish is permitted by itself."""

import pytest
from django.core import mail
from django.test import Client

from marketing.domain import surveys
from marketing.models import Campaign, Subscription
from marketing.queries import reach
from privacy.declaration import Purpose
from privacy.models import ConsentEvent
from privacy.outbox import deliver_due, enqueue
from privacy.permission import audience, may_contact
from tests.marketing.conftest import new_campaign, released
from tests.marketing.test_sending import run
from tests.marketing.test_subscribing import path_in_letter, subscribe
from tests.marketing.test_surveys import order, survey
from tests.support.pages import answer
from tests.support.readers import reader

pytestmark = pytest.mark.django_db

OWN, SURVEYS, OTHERS = Purpose.MARKETING_EMAIL, Purpose.SURVEY_INVITATION, Purpose.THIRD_PARTY_PROMOTION


def unproved(*permits: Purpose) -> Subscription:
    """Somebody who permits it with a mailbox that nobody has answered from, as after a yes in an account that is not confirmed."""
    subscription = reader("somebody@example.com", permits=permits)
    Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=None)
    subscription.refresh_from_db()
    return subscription


def a_campaign(purpose: Purpose) -> Campaign:
    return new_campaign(purpose=purpose, partner="Jeju Tea" if purpose == OTHERS else "")


@pytest.mark.parametrize("purpose", [OWN, SURVEYS, OTHERS])
def test_no_campaign_goes_to_a_mailbox_that_is_not_proved(purpose, sink):
    subscription = unproved(purpose)
    assert may_contact(subscription.subject, purpose, "email")
    campaign = a_campaign(purpose)
    assert reach(campaign) == 0
    run(released(campaign))
    assert sink.taken == []
    Subscription.objects.update(confirmed_at="2026-01-01T00:00Z")
    run(released(a_campaign(purpose)))
    assert len(sink.taken) == 1, "it was the proof that was missing"


@pytest.mark.parametrize("kind", ["order", "invited"])
def test_no_invitation_to_a_survey_goes_to_one(kind):
    subscription, asked = unproved(SURVEYS), survey(kind)
    about = order("somebody@example.com")
    type(about).objects.filter(pk=about.pk).update(subject=subscription.subject)
    assert surveys.invite(asked.pk) == 0
    # Nor when the letter waits already, as where the address was corrected in between.
    Subscription.objects.update(confirmed_at="2026-01-01T00:00Z")
    assert surveys.invite(asked.pk) == 1
    Subscription.objects.update(confirmed_at=None)
    deliver_due()
    assert mail.outbox == []


def test_an_invitation_that_waits_is_not_sent_after_the_survey_has_closed():
    from django.utils import timezone

    reader("somebody@example.com", permits=[SURVEYS])
    asked = survey("invited")
    assert surveys.invite(asked.pk) == 1
    type(asked).objects.update(closes_at=timezone.now())
    deliver_due()
    assert mail.outbox == []


@pytest.mark.parametrize("wished", [OWN, SURVEYS, OTHERS])
def test_a_yes_to_one_is_counted_and_written_to_for_that_one_only(wished, sink):
    subscription = reader("somebody@example.com", permits=[wished])
    for purpose in (OWN, SURVEYS, OTHERS):
        assert (subscription.subject_id in set(audience(purpose, "email"))) == (purpose == wished)
        assert reach(a_campaign(purpose)) == (purpose == wished)
        sink.taken.clear()
        run(released(a_campaign(purpose)))
        assert len(sink.taken) == (purpose == wished)


@pytest.mark.parametrize("ticked", [[], [SURVEYS], [OTHERS], [SURVEYS, OTHERS]])
def test_the_button_of_the_letter_permits_own_news_and_exactly_what_was_ticked_beside_it(ticked, client):
    subscribe(client)
    assert set(ConsentEvent.objects.values_list("purpose", "state")) == {(OWN.value, "requested")}
    deliver_due()
    path = path_in_letter("confirm")
    Client().get(path)
    assert not ConsentEvent.objects.filter(state="given").exists()
    answer(client, path, {"also": [purpose.value for purpose in ticked]})
    given = ConsentEvent.objects.filter(state="given").values_list("purpose", flat=True)
    assert set(given) == {OWN.value, *(purpose.value for purpose in ticked)}
    # A box that was left empty was no choice: nobody refused anything.
    assert not ConsentEvent.objects.filter(state__in=["refused", "withdrawn"]).exists()


def test_what_was_not_asked_there_is_not_permitted_there(client):
    """A page that was forged to tick something else, or nothing that exists."""
    subscribe(client)
    deliver_due()
    answer(
        client, path_in_letter("confirm"), {"also": [Purpose.ADVERTISING.value, Purpose.MARKETING_SMS.value, "x", ""]}
    )
    assert set(ConsentEvent.objects.filter(state="given").values_list("purpose", flat=True)) == {OWN.value}


def test_a_letter_of_confirmation_that_is_sent_late_asks_nobody_who_has_answered(client):
    subscription = reader("somebody@example.com")
    enqueue("marketing.confirm_subscription", key="late", subscription_id=subscription.pk)
    deliver_due()
    assert mail.outbox == []
