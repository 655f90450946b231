"""A campaign reaches those who want it, once each, and nobody after their no; what a mail server does is told apart."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from marketing.domain import claiming, releasing, sending, suppressing
from marketing.models import Campaign, Delivery, Pace, Suppression
from privacy.declaration import Purpose
from privacy.models import Disclosure, Restriction, RightsRequest, Subject
from privacy.permission import may_contact, withdraw
from tests.marketing.conftest import new_campaign, released
from tests.support.readers import NEWS, reader

pytestmark = pytest.mark.django_db

State = Delivery.State


def run(campaign, seconds=300.0):
    # It ends when nothing is left to do; a busy machine may take its time.
    return sending.send_round(campaign.pk, seconds=seconds)


def states(campaign):
    return dict(Delivery.objects.filter(campaign=campaign).values_list("state", "why"))


def of(campaign, subscription):
    return Delivery.objects.get(campaign=campaign, subject=subscription.subject)


def test_everybody_who_permits_it_gets_it_once_in_their_language(campaign, sink):
    english, korean, other = (
        reader("a@example.com"),
        reader("b@example.com", locale="ko"),
        reader("c@example.com", locale="ja"),
    )
    reader("silent@example.com", permits=[])
    assert not run(released(campaign))
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DONE
    assert sorted(m.to for m in sink.taken) == ["a@example.com", "b@example.com", "c@example.com"]
    assert "가을 차" in sink.to("b@example.com")[0].message["Subject"]
    assert "Autumn teas" in sink.to("c@example.com")[0].message["Subject"]
    assert {of(campaign, s).state for s in (english, korean, other)} == {State.SENT}
    assert Disclosure.objects.filter(handed_to="mailer", purpose=Purpose.MARKETING_EMAIL).count() == 3
    run(campaign)
    assert len(sink.taken) == 3


def test_without_a_text_for_a_language_its_readers_get_nothing_unless_another_is_named(campaign, sink):
    Campaign.objects.filter(pk=campaign.pk).update(fallback="")
    reader("ja@example.com", locale="ja")
    campaign.refresh_from_db()
    run(released(campaign))
    assert sink.taken == []


def test_whose_address_is_contested_gets_nothing_and_keeps_nobody_else_waiting(campaign, sink):
    contested, other = reader("wrong@example.com"), reader("right@example.com")
    case = RightsRequest.objects.create(
        subject=contested.subject,
        kind="rectification",
        channel="web",
        received_at=timezone.now(),
        expected_by=timezone.now(),
    )
    label = f"marketing.Subscription:{contested.pk}"
    column = "marketing_subscription.email"
    Restriction.objects.create(request=case, subject=contested.subject, record=label, column=column)
    run(released(campaign))
    assert [m.to for m in sink.taken] == ["right@example.com"]
    delivery = of(campaign, contested)
    assert (delivery.state, delivery.why) == (State.REVOKED, "restricted")
    assert of(campaign, other).state == State.SENT


def test_a_no_after_the_claim_takes_it_back(campaign, sink):
    subscription = reader()
    released(campaign)
    claiming.claim(campaign.pk)
    assert of(campaign, subscription).state == State.CLAIMED
    withdraw(subscription.subject, method="form")
    assert of(campaign, subscription).state == State.REVOKED
    run(campaign)
    assert sink.taken == []


def test_a_no_after_the_hand_over_still_keeps_the_message_here(campaign, sink):
    subscription = reader()
    released(campaign)
    claiming.claim(campaign.pk)
    with sending.carrier_of("email").line() as line:
        working = sending.Round(campaign, line)
        (item,) = sending.hand_over(campaign, 8)
        withdraw(subscription.subject, method="form")
        working.give(item)
        assert sink.taken == []
    Delivery.objects.update(due_at="2000-01-01T00:00Z")
    run(campaign)
    assert sink.taken == []
    assert of(campaign, subscription).state == State.REVOKED


def test_another_spelling_of_a_suppressed_address_is_left_alone(campaign, sink):
    one = reader("mina.kim@gmail.com")
    other = reader("minakim+shop@googlemail.com")
    withdraw(one.subject, method="form")
    run(released(campaign))
    assert sink.taken == []
    assert of(campaign, other).why == "suppressed"
    assert may_contact(other.subject, *NEWS)


def test_an_address_that_is_entered_between_hand_over_and_leaving_is_not_written_to(campaign, sink):
    reader("minakim@gmail.com")
    released(campaign)
    claiming.claim(campaign.pk)
    with sending.carrier_of("email").line() as line:
        working = sending.Round(campaign, line)
        (item,) = sending.hand_over(campaign, 8)
        suppressing.suppress(["mina.kim@gmail.com"], Suppression.Cause.OPT_OUT)
        working.give(item)
    assert sink.taken == []


def test_what_a_mail_server_says_is_told_apart(campaign, sink):
    gone, busy, unwanted, fine = (reader(f"{w}@example.com") for w in ("gone", "busy", "spam", "fine"))
    run(released(campaign))
    assert (of(campaign, gone).state, of(campaign, gone).reply) == (State.REFUSED, 550)
    assert (of(campaign, unwanted).state, of(campaign, unwanted).returned) == (State.REFUSED, "")
    assert (of(campaign, fine).state, of(campaign, fine).reply) == (State.SENT, 250)
    assert (of(campaign, busy).state, of(campaign, busy).reply) == (State.CLAIMED, 451)
    Delivery.objects.filter(state=State.CLAIMED).update(due_at="2000-01-01T00:00Z")
    run(campaign)
    assert of(campaign, busy).state == State.SENT
    assert len(sink.to("busy@example.com")) == 1


def test_a_dead_mailbox_is_suppressed_and_no_permission_of_its_owner_is_changed(campaign, sink):
    gone = reader("gone@example.com")
    run(released(campaign))
    assert of(campaign, gone).returned == "hard"
    assert may_contact(gone.subject, *NEWS)
    second = released(new_campaign(name="Winter"))
    run(second)
    assert of(second, gone).why == "suppressed"


def test_a_message_that_may_have_arrived_is_never_sent_again(campaign, sink):
    reader("die@example.com")
    run(released(campaign))
    assert Delivery.objects.get().state == State.UNKNOWN
    run(campaign)
    assert len(sink.to("die@example.com")) == 1


def test_a_stalling_server_has_a_message_for_no_longer_than_it_may(campaign, sink, monkeypatch):
    monkeypatch.setattr("privacy.posting.PATIENCE_SECONDS", 0.3)
    reader("stall@example.com")
    run(released(campaign))
    # Had it been waited for, the server's answer would have come, and the message would be sent.
    assert Delivery.objects.get().state == State.UNKNOWN


def test_no_mail_server_costs_a_delay_and_nothing_else(campaign, sink, settings):
    settings.EMAIL_PORT = 1
    reader()
    run(released(campaign))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.why) == (State.CLAIMED, "put off")


def test_whose_worker_died_is_unknown_when_its_lease_is_over(campaign, sink):
    reader()
    released(campaign)
    claiming.claim(campaign.pk)
    sending.hand_over(campaign, 8)
    assert sending.sweep() == 0
    Delivery.objects.update(due_at="2000-01-01T00:00Z")
    assert sending.sweep() == 1
    run(campaign)
    assert sink.taken == []
    assert Delivery.objects.get().state == State.UNKNOWN


def test_pause_resume_and_stop(campaign, sink):
    for n in range(3):
        reader(f"r{n}@example.com")
    released(campaign)
    claiming.claim(campaign.pk)
    assert sending.pause(campaign.pk)
    run(campaign)
    assert sink.taken == []
    assert sending.resume(campaign.pk)
    with sending.carrier_of("email").line() as line:
        working = sending.Round(Campaign.objects.get(pk=campaign.pk), line)
        first, *_others = sending.hand_over(campaign, 8)
        working.give(first)
        assert sending.stop(campaign.pk)
        for item in _others:
            working.give(item)
    assert len(sink.taken) == 1
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.REVOKED, State.REVOKED, State.SENT]
    assert not sending.resume(campaign.pk)


def test_a_text_that_is_not_the_released_one_stops_the_campaign(campaign, sink):
    reader()
    released(campaign)
    campaign.texts.update(subject="Something else")
    run(campaign)
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.PAUSED
    assert "released" in campaign.note
    assert sink.taken == []


def test_a_person_with_two_addresses_gets_one_message(campaign, sink):
    from marketing.models import Subscription
    from privacy.gate import collecting
    from tests.support.people import shown_notice

    one = reader()
    notice = shown_notice(Subscription.email)
    with collecting(surface="web.subscribe", subject=one.subject, fields=[Subscription.email], notice=notice):
        Subscription.objects.create(email="second@example.com", confirmed_at="2026-01-01T00:00Z")
    run(released(campaign))
    assert [m.to for m in sink.taken] == ["reader@example.com"]


def test_the_pace_of_a_provider_is_kept(campaign, sink, settings):
    settings.MARKETING_PER_MINUTE = {"email": 2400}  # eight in a fifth of a second
    for n in range(24):
        reader(f"r{n}@example.com")
    begun = timezone.now()
    run(released(campaign))
    assert len(sink.taken) == 24
    # Three turns were drawn, one after the other, however long each of them took here.
    assert Pace.objects.get(lane="email").free_at >= begun + dt.timedelta(seconds=24 * 60 / 2400)


def test_lanes_are_as_many_as_they_are(campaign, settings):
    settings.MARKETING_LANES = 0
    reader()
    assert not run(released(campaign))
    assert not Delivery.objects.exists()


class TestFourEyes:
    def test_who_wrote_it_does_not_release_it(self, campaign):
        writer = Subject.objects.create()
        releasing.had_a_hand_in(campaign, writer)
        releasing.hand_in(campaign.pk)
        with pytest.raises(releasing.NotReleased, match="somebody else"):
            releasing.release(campaign.pk, by=writer)

    def test_nor_does_anybody_who_changed_it_before(self, campaign):
        first, second = Subject.objects.create(), Subject.objects.create()
        for hand in (first, second):
            releasing.had_a_hand_in(campaign, hand)
        releasing.hand_in(campaign.pk)
        with pytest.raises(releasing.NotReleased):
            releasing.release(campaign.pk, by=first)

    def test_nor_the_same_person_by_another_account(self, campaign):
        from accounts.models import User

        accounts = [
            User.objects.create_user(f"{name}@gmail.com", "long-enough-42", is_staff=True)
            for name in ("mi.na", "mina+2", "jun")
        ]
        writer, again, other = (account.subject for account in accounts)
        releasing.had_a_hand_in(campaign, writer)
        releasing.hand_in(campaign.pk)
        with pytest.raises(releasing.NotReleased, match="somebody else"):
            releasing.release(campaign.pk, by=again)
        releasing.release(campaign.pk, by=other)

    def test_the_database_holds_it_too(self, campaign):
        from django.db import IntegrityError

        writer = Subject.objects.create()
        with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(
                edited_by=writer, released_by=writer, released_at="2026-01-01T00:00Z", state="running"
            )

    def test_a_change_takes_it_back_to_being_a_draft(self, campaign):
        hand = Subject.objects.create()
        releasing.had_a_hand_in(campaign, hand)
        releasing.hand_in(campaign.pk)
        releasing.had_a_hand_in(campaign, hand)
        with pytest.raises(releasing.NotReleased, match="handed in"):
            releasing.release(campaign.pk, by=Subject.objects.create())
