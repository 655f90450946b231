"""Letters that a mail service receives, by Anymail's webhooks: stored once, whatever the service says, tries and repeats."""

from __future__ import annotations

import base64
import json

import pytest
from django.core import mail as sent
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from privacy.internal.desk import receiving
from privacy.models import LetterAttachment, RequestMessage, RightsRequest, UnreadableMail
from privacy.outbox import deliver_due
from privacy.permission import may_contact
from tests.privacy.test_mailbox_roads import NEWS, subscriber
from tests.promises.test_control_withdraw import mail

pytestmark = pytest.mark.django_db

SECRET = "desk:a-long-secret"


@pytest.fixture(autouse=True)
def service(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def bring(payload, service="postmark/inbound/", secret=SECRET, **more):
    said = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(secret.encode()).decode(), **more}
    body = payload if isinstance(payload, (str, bytes, dict)) else json.dumps(payload)
    kind = {} if isinstance(payload, dict) and service.startswith("mailgun") else {"content_type": "application/json"}
    address = reverse("privacy:inbound_by_service", args=[service])
    client = Client(raise_request_exception=False)
    return client.post(address, json.dumps(payload) if kind and isinstance(payload, dict) else body, **kind, **said)


def raw(text, sender="minji@gmail.com", envelope="stranger@example.net", **headers):
    """A letter as Postmark brings one with its raw form: the envelope stands beside it, and says somebody else."""
    return {
        "FromFull": {"Email": envelope, "Name": ""},
        "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
        "OriginalRecipient": "privacy@kmall24.com",
        "Headers": [{"Name": "Return-Path", "Value": f"<{envelope}>"}],
        "RawEmail": mail(text, sender=sender, **headers).decode(),
    }


def in_pieces(text, sender="minji@gmail.com", **more):
    """The same, taken apart by the service; the store puts the pieces together again."""
    return {
        "FromFull": {"Email": sender, "Name": "Min-ji"},
        "ToFull": [{"Email": "privacy@kmall24.com", "Name": ""}],
        "Subject": "Please",
        "Headers": [{"Name": "Message-ID", "Value": "<piece@example.com>"}],
        "TextBody": text,
        "HtmlBody": f"<p>{text}</p>",
        **more,
    }


def test_a_stop_takes_effect_for_whoever_the_letter_is_from_and_not_for_the_envelope():
    wanted, other = subscriber(), subscriber("stranger@example.net")
    assert bring(raw("Please unsubscribe me.")).status_code == 200
    case = RightsRequest.objects.exclude(kind="access").latest("received_at")
    assert (case.kind, case.messages.get().sender) == ("withdraw_consent", "minji@gmail.com")
    assert not may_contact(wanted, *NEWS)
    assert may_contact(other, *NEWS)
    deliver_due()
    assert [letter.to for letter in sent.outbox] == [["minji@gmail.com"]]


@pytest.mark.parametrize("letter", [raw, in_pieces])
def test_a_letter_that_is_brought_again_is_the_same_case(letter):
    before = RightsRequest.objects.count()
    for _time in range(3):
        assert bring(letter("광고 메일 수신을 거부합니다.")).status_code == 200
    assert RightsRequest.objects.count() == before + 1


def test_a_letter_in_pieces_keeps_its_attachments():
    file = {"Name": "scan.pdf", "ContentType": "application/pdf", "Content": base64.b64encode(b"%PDF-1.7 x").decode()}
    assert bring(in_pieces("Please correct my name.", Attachments=[file])).status_code == 200
    kept = LetterAttachment.objects.get()
    assert (kept.name, kept.media_type, base64.b64decode(kept.content)) == (
        "scan.pdf",
        "application/pdf",
        b"%PDF-1.7 x",
    )


def test_another_service_brings_raw_mails_as_a_form(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_API_KEY": "key", "MAILGUN_WEBHOOK_SIGNING_KEY": "signing"}
    import hashlib
    import hmac
    import time

    stamp = str(int(time.time()))
    said = {
        "token": "t" * 50,
        "timestamp": stamp,
        "signature": hmac.new(b"signing", f"{stamp}{'t' * 50}".encode(), hashlib.sha256).hexdigest(),
        "sender": "stranger@example.net",
        "recipient": "privacy@kmall24.com",
        "body-mime": mail("メルマガの配信停止をお願いします。", sender="min.ji@gmail.com").decode(),
    }
    wanted = subscriber()
    assert bring(said, service="mailgun/inbound_mime/").status_code == 200
    assert not may_contact(wanted, *NEWS)
    assert bring({**said, "signature": "forged"}, service="mailgun/inbound_mime/").status_code == 400


def test_what_the_service_takes_for_spam_waits_in_quarantine_unanswered_and_a_stop_in_it_is_heard():
    wanted = subscriber()
    assert bring(raw("Please unsubscribe me.", X_Spam_Status="Yes")).status_code == 200
    put_aside = UnreadableMail.objects.get()
    assert put_aside.request.kind == "staff_must_read"
    assert "spam" in put_aside.reason
    assert not may_contact(wanted, *NEWS)
    deliver_due()
    assert sent.outbox == []


@pytest.mark.parametrize(
    "words", ["no json at all", '{"RecordType": "Bounce"}', '{"FromFull": 5, "Headers": [{}]}', "[]"]
)
def test_what_the_service_says_in_words_that_nobody_understands_is_kept(words):
    assert bring(words).status_code == 200
    kept = UnreadableMail.objects.get()
    assert base64.b64decode(kept.raw) == words.encode()
    bring(words)
    assert UnreadableMail.objects.count() == 1


def test_a_failure_asks_for_the_letter_again_and_then_it_is_stored_once(monkeypatch):
    letters = RequestMessage.objects.count()

    def fails(*_args, **_kwargs):
        raise DatabaseError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(receiving, "open_case", fails)
        assert bring(raw("Please unsubscribe me.")).status_code == 500
    assert RequestMessage.objects.count() == letters
    assert not UnreadableMail.objects.exists()
    assert bring(raw("Please unsubscribe me.")).status_code == 200
    assert bring(raw("Please unsubscribe me.")).status_code == 200
    assert RequestMessage.objects.count() == letters + 1


def test_without_the_secret_nothing_is_read_and_unset_there_is_no_door(settings):
    assert bring(raw("Please unsubscribe me."), secret="desk:guessed").status_code == 400
    settings.ANYMAIL = {}
    assert bring(raw("Please unsubscribe me.")).status_code == 404
    assert not RequestMessage.objects.exists()
    assert not UnreadableMail.objects.exists()


@pytest.mark.parametrize("address", ["postmark/tracking/", "postmark/", "nobody/inbound/", "mandrill/"])
def test_only_letters_come_by_this_door(address):
    assert bring({}, service=address).status_code == 404


def test_a_letter_larger_than_a_form_may_send_is_taken_and_one_beyond_measure_is_kept_by_its_beginning(monkeypatch):
    assert bring(raw("Please unsubscribe me. " + "x" * 4_000_000)).status_code == 200
    assert RequestMessage.objects.get().body.startswith("Please unsubscribe me.")
    from privacy.internal.mailbox import services

    monkeypatch.setattr(services, "MOST_BYTES", 1000)
    assert bring(raw("Please. " + "y" * 5000)).status_code == 200
    assert UnreadableMail.objects.count() == 1


def test_letters_leave_by_the_service_too_and_campaigns_by_its_mail_server(settings):
    from privacy import posting

    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    receiving.receive_letter(mail("Please unsubscribe me.", sender="minji@gmail.com"))
    deliver_due()
    (letter,) = sent.outbox
    assert letter.to == ["minji@gmail.com"]
    assert letter.anymail_test_params["from"].addr_spec == "shop@kmall24.com"
    with posting.MailCarrier().line() as line:
        assert isinstance(line, posting._Smtp)
