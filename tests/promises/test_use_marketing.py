"""use.marketing: a message leaves only while permission stands; a withdrawal waits for a claim, and then holds for good."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from marketing.domain import claiming, sending, suppressing
from marketing.models import Delivery
from privacy.crashpoints import armed
from privacy.errors import NotPermitted
from privacy.models import ConsentEvent, Preference, Subject
from privacy.permission import (
    audience,
    grant,
    may_contact,
    permission_to_send,
    record_choices,
    refuse,
    withdraw,
)
from tests.marketing.conftest import new_campaign, released
from tests.support.leaving import SlowHand
from tests.support.people import letter, shown_notice
from tests.support.readers import reader as make_reader

NEWS = ("marketing.communications.email", "email")
PATIENCE = 20


@pytest.fixture
def reader(transactional_db: None) -> Subject:
    subject = letter().subject
    grant(subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    return subject


@pytest.fixture
def elsewhere():
    """Another process's worth of work: its own thread, its own connection."""

    def with_own_connection(action):
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        yield lambda action: pool.submit(with_own_connection, action)


def impatient(action):
    """Do it, and give up at the first lock that another transaction holds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        return action()


def waits_for_a_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]


def send(subject: Subject) -> bool:
    with permission_to_send(subject, *NEWS):
        return True


def test_with_permission_a_message_may_be_claimed(reader):
    assert send(reader)
    assert reader.pk in audience(*NEWS)


@pytest.mark.parametrize("way", [withdraw, refuse])
def test_from_the_commit_of_a_no_on_nothing_leaves_on_any_connection(reader, elsewhere, way):
    assert elsewhere(lambda: send(reader)).result(PATIENCE)
    way(reader, method="form", notice=shown_notice())
    assert not may_contact(reader, *NEWS)
    with pytest.raises(NotPermitted):
        elsewhere(lambda: send(reader)).result(PATIENCE)


def test_whoever_was_never_asked_or_only_left_a_box_empty_is_not_written_to(transactional_db):
    stranger = letter().subject
    with pytest.raises(NotPermitted):
        send(stranger)
    assert stranger.pk not in audience(*NEWS)


def test_a_withdrawal_waits_for_the_message_that_is_being_claimed(reader, elsewhere):
    with permission_to_send(reader, *NEWS):
        with pytest.raises(OperationalError, match="lock timeout"):
            elsewhere(lambda: impatient(lambda: withdraw(reader, method="form"))).result(PATIENCE)
        assert may_contact(reader, *NEWS)
    assert elsewhere(lambda: impatient(lambda: withdraw(reader, method="form"))).result(PATIENCE)
    with pytest.raises(NotPermitted):
        send(reader)


def test_a_message_waits_for_a_withdrawal_that_is_under_way_and_is_then_refused(reader, elsewhere):
    known, number = threading.Event(), []

    def claim():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            number.append(cursor.fetchone()[0])
        known.set()
        return send(reader)

    with transaction.atomic():
        withdraw(reader, method="mail")
        claiming = elsewhere(claim)
        assert known.wait(PATIENCE)
        while not waits_for_a_lock(number[0]):
            assert not claiming.done(), "The message left while a withdrawal was being written."
    with pytest.raises(NotPermitted):
        claiming.result(PATIENCE)


def test_two_messages_may_be_claimed_at_once(reader, elsewhere):
    with permission_to_send(reader, *NEWS):
        assert elsewhere(lambda: impatient(lambda: send(reader))).result(PATIENCE)


def test_a_withdrawal_that_is_rolled_back_changed_nothing(reader):
    with transaction.atomic():
        withdraw(reader, method="form")
        transaction.set_rollback(True)
    assert send(reader)
    assert set(ConsentEvent.objects.filter(subject=reader).values_list("state", flat=True)) == {"given"}


def test_two_who_choose_at_once_leave_the_state_of_the_last_event(reader, elsewhere):
    notice = shown_notice(asks=[NEWS[0]])
    for _ in range(5):
        yes = elsewhere(lambda: grant(reader, *NEWS, method="form", notice=notice))
        withdraw(reader, [NEWS], method="form")
        yes.result(PATIENCE)
    preference = Preference.objects.get(subject=reader, purpose=NEWS[0], channel=NEWS[1])
    assert preference.state == preference.event.state
    assert ConsentEvent.objects.filter(subject=reader).count() == 11


def test_permission_by_one_road_is_none_by_another(reader):
    assert not may_contact(reader, "marketing.communications.email", "sms")
    assert not may_contact(reader, "marketing.communications.sms", "sms")
    assert not may_contact(reader, "marketing.advertising.third_party", "email")


class TestARunningCampaign:
    """The same for a campaign's message, from its claim to the moment in which it is in the carrier's hands."""

    @pytest.fixture
    def subscription(self, transactional_db):
        return make_reader("reader@example.com")

    @pytest.fixture
    def item(self, subscription):
        campaign = released(new_campaign())
        claiming.claim(campaign.pk)
        (item,) = sending.hand_over(campaign, 8)
        return item

    def leave(self, item, hand):
        sending.Round(item.delivery.campaign, hand).give(item)

    def test_a_claim_passes_over_somebody_who_is_choosing(self, subscription, elsewhere):
        campaign = released(new_campaign())
        with transaction.atomic():
            withdraw(subscription.subject, method="mail")
            assert elsewhere(lambda: claiming.claim(campaign.pk)).result(PATIENCE) == 1
        assert not Delivery.objects.exists()

    def test_nothing_is_handed_over_for_somebody_who_is_choosing(self, subscription, elsewhere):
        """By the permission alone, as if no claim had been taken back."""
        campaign = released(new_campaign())
        claiming.claim(campaign.pk)
        with transaction.atomic():
            record_choices(subscription.subject, [NEWS], "withdrawn", method="mail", notice=None)
            assert elsewhere(lambda: sending.hand_over(campaign, 8)).result(PATIENCE) == []
        assert Delivery.objects.get().why == "choosing"

    def test_opt_out_waits_for_the_message_that_is_leaving_and_the_next_one_stays(self, subscription, item, elsewhere):
        hand = SlowHand()
        leaving = elsewhere(lambda: self.leave(item, hand))
        assert hand.has_it.wait(PATIENCE)
        with pytest.raises(OperationalError, match="lock timeout"):
            impatient(lambda: withdraw(subscription.subject, method="one_click"))
        # By the permission alone too, whatever is known of addresses.
        with pytest.raises(OperationalError, match="lock timeout"):
            impatient(lambda: record_choices(subscription.subject, [NEWS], "withdrawn", method="mail", notice=None))
        hand.may_go.set()
        leaving.result(PATIENCE)
        withdraw(subscription.subject, method="one_click")
        assert len(hand.taken) == 1
        second = released(new_campaign(name="second"))
        claiming.claim(second.pk)
        assert not Delivery.objects.filter(campaign=second, state="claimed").exists()

    def test_entering_another_spelling_of_the_address_waits_too(self, item, elsewhere):
        hand = SlowHand()
        leaving = elsewhere(lambda: self.leave(item, hand))
        assert hand.has_it.wait(PATIENCE)
        with pytest.raises(OperationalError, match="lock timeout"):
            impatient(lambda: suppressing.suppress(["Reader+x@example.com"], "opt_out"))
        hand.may_go.set()
        leaving.result(PATIENCE)

    def test_a_message_does_not_wait_for_somebody_who_is_choosing_and_is_asked_again_later(
        self, subscription, item, elsewhere
    ):
        hand = SlowHand()
        hand.may_go.set()
        with transaction.atomic():
            withdraw(subscription.subject, method="mail")
            elsewhere(lambda: self.leave(item, hand)).result(PATIENCE)
            assert hand.taken == []
        item.delivery.refresh_from_db()
        assert (item.delivery.state, item.delivery.why) == ("claimed", "choosing")
        Delivery.objects.update(due_at="2000-01-01T00:00Z")
        assert sending.hand_over(item.delivery.campaign, 8) == []
        item.delivery.refresh_from_db()
        assert item.delivery.state == "revoked"

    @pytest.mark.parametrize("at", ["before_the_message_leaves", "after_the_message_left", "after_the_hand_over"])
    def test_a_worker_that_dies_anywhere_sends_nothing_twice(self, subscription, at):
        campaign = released(new_campaign())
        claiming.claim(campaign.pk)
        hand = SlowHand()
        hand.may_go.set()

        class Death(BaseException):
            pass

        def die(name):
            if name == at:
                raise Death

        def work():
            for item in sending.hand_over(campaign, 8):
                self.leave(item, hand)

        with pytest.raises(Death), armed(die):
            work()
        Delivery.objects.update(due_at="2000-01-01T00:00Z")
        assert sending.sweep() == 1
        assert sending.hand_over(campaign, 8) == []
        assert len(hand.taken) == (at == "after_the_message_left")


def test_no_purpose_is_part_of_another_and_none_is_ticked_in_advance(client, transactional_db):
    subscription = make_reader("reader@example.com", permits=[])
    page = client.get(f"/marketing/confirm/{subscription.token}/").content.decode()
    assert page.count('name="also"') == 2
    assert "checked" not in page.partition("<main")[2].partition("</main>")[0]
    page = client.get(f"/marketing/choices/{subscription.token}/").content.decode()
    # News, surveys, others' promotions, and that what was bought and liked may choose among them.
    assert page.count('name="also"') == 4
    assert "checked" not in page.partition("<main")[2].partition("</main>")[0]
