"""Letters are fetched from a real Dovecot: none lost, none twice, none in the way of the next."""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid
from email.message import EmailMessage

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from privacy.crashpoints import armed
from privacy.internal.desk import receiving
from privacy.internal.mailbox import fetching, reading
from privacy.models import LetterAttachment, RequestMessage, RightsRequest, UnreadableMail
from tests.support import cpython_mails
from tests.support.dovecot import NEEDS_DOVECOT

pytestmark = [pytest.mark.django_db, NEEDS_DOVECOT]


class Death(BaseException):
    """Nothing in the store catches this, as nothing catches a power cut."""


@pytest.fixture
def box(dovecot, settings):
    """A mailbox of this test's own."""
    name = f"u{uuid.uuid4().hex[:10]}"
    settings.PRIVACY_IMAP_URL = dovecot.url(name)

    class Box:
        def arrives(self, raw, when=None):
            dovecot.deliver(name, raw, when)

        def holds(self, folder="INBOX"):
            return dovecot.holds(name, folder)

    return Box()


def mail(body="Please unsubscribe me.", *, name=None, sender="mina@example.com"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "privacy@kmall24.com", "A wish"
    message["Message-ID"] = f"<{name or uuid.uuid4()}@example.com>"
    message.set_content(body)
    return message


def test_a_letter_arrives_is_stored_and_put_away_unread(box):
    box.arrives(mail().as_bytes())
    assert fetching.fetch_all() == 1
    case = RightsRequest.objects.get(channel="mail")
    assert case.kind == "withdraw_consent"
    assert box.holds() == []
    ((raw, seen),) = box.holds("Processed")
    assert b"unsubscribe" in raw
    assert not seen
    assert fetching.fetch_all() == 0


def test_the_clock_runs_from_the_arrival_and_not_from_the_poll(box):
    two_days_ago = time.time() - 2 * 24 * 3600
    box.arrives(mail().as_bytes(), when=two_days_ago)
    fetching.fetch_all()
    case = RightsRequest.objects.get()
    assert abs(case.received_at.timestamp() - two_days_ago) < 2
    assert case.expected_by - case.received_at == dt.timedelta(days=10)
    assert case.expected_by < timezone.now() + dt.timedelta(days=8, seconds=5)


def test_the_same_mail_twice_is_one_case_and_another_with_its_name_is_two(box):
    one = mail("Please delete my account.", name="same").as_bytes()
    other = mail("Please send me a copy of my data.", name="same").as_bytes()
    for raw in (one, b"Received: from a.example by b.example\r\n" + one, other):
        box.arrives(raw)
    assert fetching.fetch_all() == 3
    assert sorted(RightsRequest.objects.values_list("kind", flat=True)) == ["access", "erasure"]
    assert len(box.holds("Processed")) == 3


def test_a_death_between_the_commit_and_the_move_costs_nothing(box):
    box.arrives(mail().as_bytes())

    def die(name):
        if name == "after_letter_before_move":
            raise Death

    with armed(die), pytest.raises(Death):
        fetching.fetch_all()
    assert RightsRequest.objects.count() == 1
    assert len(box.holds()) == 1
    assert fetching.fetch_all() == 1
    assert RightsRequest.objects.count() == 1
    assert box.holds() == []


def test_a_mail_that_cannot_be_read_goes_to_quarantine_and_the_next_is_taken(box, monkeypatch):
    parse = receiving.reading.parse

    def stumbles(raw):
        if b"stumble" in raw:
            raise RecursionError
        return parse(raw)

    monkeypatch.setattr(receiving.reading, "parse", stumbles)
    box.arrives(mail("before").as_bytes())
    box.arrives(mail("stumble").as_bytes())
    box.arrives(mail("Please delete my account.").as_bytes())
    assert fetching.fetch_all() == 3
    unreadable = UnreadableMail.objects.get()
    assert unreadable.reason == "could not be read (RecursionError)"
    assert unreadable.request.kind == "staff_must_read"
    assert unreadable.request.expected_by > timezone.now()
    assert RequestMessage.objects.count() == 2
    assert [b"stumble" in raw for raw, _seen in box.holds("Quarantine")] == [True]
    assert box.holds() == []


def test_a_mail_that_cannot_even_be_stored_waits_and_the_next_is_taken(box, monkeypatch):
    receive = receiving.receive_mail

    def fails(raw, **kwargs):
        if b"fails" in raw:
            raise OSError("no room")
        return receive(raw, **kwargs)

    monkeypatch.setattr(receiving, "receive_mail", fails)
    box.arrives(mail("fails").as_bytes())
    box.arrives(mail("Please delete my account.").as_bytes())
    assert fetching.fetch_all() == 1
    assert [b"fails" in raw for raw, _seen in box.holds()] == [True]
    monkeypatch.undo()


def test_25_mb_of_photographs_are_taken(box):
    message = mail("Please correct my address, the scans show it.")
    photograph = b"\xff\xd8\xff" + os.urandom(25 * 1024 * 1024)
    message.add_attachment(photograph, maintype="image", subtype="jpeg", filename="scan.jpg")
    box.arrives(message.as_bytes())
    assert fetching.fetch_all() == 1
    assert RightsRequest.objects.get().kind == "rectification"
    attachment = LetterAttachment.objects.defer("content").get()
    assert (attachment.size, attachment.check_result) == (len(photograph), "plain")


def test_what_is_too_large_goes_to_quarantine_with_its_beginning(box, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_BYTES", 2000)
    box.arrives(mail("x" * 3000).as_bytes())
    assert fetching.fetch_all() == 1
    assert UnreadableMail.objects.get().reason == "larger than 40 MiB"
    assert len(box.holds("Quarantine")) == 1


def test_a_connection_that_breaks_in_the_middle_loses_nothing(box, monkeypatch):
    for number in range(4):
        box.arrives(mail(f"Please delete my account. {number}").as_bytes())
    read, calls = fetching.ImapMailbox.read, []

    def breaks(self, uid, first_bytes=None):
        calls.append(uid)
        if len(calls) == 3:
            # The wire is cut, as by a restart of the server: what imaplib then does is its own.
            self._box.client.sock.close()
            self._box.client.file.close()
        return read(self, uid, first_bytes)

    monkeypatch.setattr(fetching.ImapMailbox, "read", breaks)
    assert fetching.fetch_all() == 2
    assert len(box.holds()) == 2
    monkeypatch.undo()


def test_a_mailbox_that_does_not_answer_is_tried_again_later(settings):
    settings.PRIVACY_IMAP_URL = "imap://nobody:secret@127.0.0.1:9/INBOX"
    assert fetching.fetch_all() == 0


@pytest.mark.parametrize(
    "url", ["imap://u:p@mail.example/INBOX", "pop3://u:p@mail.example", "imaps://mail.example/INBOX", "imaps://"]
)
def test_a_wrong_address_of_the_mailbox_is_refused_with_a_sentence(settings, url):
    settings.PRIVACY_IMAP_URL = url
    with pytest.raises(ImproperlyConfigured, match="PRIVACY_IMAP_URL"):
        fetching.fetch_all()


@pytest.mark.skipif(
    not cpython_mails.files(), reason="this Python came without its own tests: install its test package"
)
def test_the_sixty_four_messages_of_cpythons_tests_come_through_a_real_mailbox(box):
    mails = [*cpython_mails.files().values(), *cpython_mails.nested().values()]
    for raw in mails:
        box.arrives(raw)
    assert fetching.fetch_all() == len(mails)
    assert box.holds() == []
    assert len(box.holds("Processed")) == len(mails)
    assert box.holds("Quarantine") == []
    # Each is a case; a message that also came inside another is known by its name and its words.
    assert RightsRequest.objects.count() == len({reading.digest_of(raw) for raw in mails})
