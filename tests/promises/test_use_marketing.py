"""use.marketing: a message leaves only while permission stands; a withdrawal waits for a claim, and then holds for good."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from privacy.errors import NotPermitted
from privacy.models import ConsentEvent, Preference, Subject
from privacy.permission import audience, grant, may_contact, permission_to_send, refuse, withdraw
from tests.support.people import letter, shown_notice

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
