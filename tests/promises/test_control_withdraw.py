"""control.withdraw: every road to the privacy mailbox ends in the same record, and holds from its commit on."""

import json
from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.urls import reverse

from privacy.declaration import Purpose
from privacy.errors import NotPermitted
from privacy.internal.desk import receiving
from privacy.models import ConsentEvent, Effect, RightsRequest
from privacy.permission import audience, grant, may_contact, permission_to_send, withdraw
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db

NEWS = (Purpose.MARKETING_EMAIL, "email")


@pytest.fixture
def subscriber():
    subject = letter(sender="Mina.Kim@example.com").subject
    grant(subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    assert may_contact(subject, *NEWS)
    return subject


def mail(body, sender="mina.kim@EXAMPLE.com", **headers):
    message = EmailMessage()
    message["From"] = f"Mina <{sender}>"
    message["To"] = "privacy@kmall24.com"
    message["Subject"] = headers.pop("heading", "Please")
    message["Message-ID"] = headers.pop("message_id", f"<{abs(hash(body))}@example.com>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


@pytest.mark.parametrize(
    "body",
    [
        "Please unsubscribe me.",
        "Stop sending me your newsletter!",
        "I withdraw my consent to marketing.",
        "광고 메일 수신 거부합니다.",
        "마케팅 동의를 철회합니다",
        "Bitte keine Werbung mehr.",
        "Je souhaite me désabonner.",
        "配信停止をお願いします",
    ],
)
def test_a_mail_that_says_stop_takes_effect_before_anybody_looks(subscriber, body):
    receiving.receive_letter(mail(body))
    assert not may_contact(subscriber, *NEWS)
    assert subscriber.pk not in audience(*NEWS)
    with pytest.raises(NotPermitted), permission_to_send(subscriber, *NEWS):
        pass


def test_a_mail_about_something_else_stops_nothing_and_starts_nothing(subscriber):
    receiving.receive_letter(mail("Where is my parcel?"))
    assert may_contact(subscriber, *NEWS)
    stranger = receiving.receive_letter(mail("Yes, send me everything!", sender="new@example.com"))
    assert not may_contact(stranger.subject, *NEWS)


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
def test_a_machine_neither_opts_out_nor_gets_an_answer(subscriber, headers):
    receiving.receive_letter(mail("unsubscribe", **headers))
    assert may_contact(subscriber, *NEWS)
    assert not Effect.objects.filter(kind="privacy.acknowledge").exists()


def test_the_same_mail_twice_is_one_case(subscriber):
    raw = mail("Please unsubscribe me.")
    first, second = receiving.receive_letter(raw), receiving.receive_letter(raw)
    assert first.pk == second.pk
    assert RightsRequest.objects.filter(kind="withdraw_consent").count() == 1


def test_receive_mail_prints_one_line_of_json(subscriber, monkeypatch, capsys):
    import io
    import sys

    class Stdin:
        buffer = io.BytesIO(mail("Please unsubscribe me."))

    monkeypatch.setattr(sys, "stdin", Stdin)
    call_command("receive_mail")
    (line,) = capsys.readouterr().out.strip().splitlines()
    answer = json.loads(line)
    assert answer["kind"] == "withdraw_consent"
    assert answer["state"] == "open"
    assert set(answer) == {"id", "kind", "state", "expected_by", "why"}


def test_the_page_for_guests_stops_everybody_with_that_address(subscriber, client):
    page = client.get(reverse("privacy:write"))
    form = page.context["form"]
    response = client.post(
        reverse("privacy:write"),
        {
            "kind": "withdraw_consent",
            "sender": "mina.kim@example.com",
            "body": "No more, please.",
            "notice": form.initial.get("notice") or form["notice"].value(),
        },
    )
    assert response.status_code == 200
    assert not may_contact(subscriber, *NEWS)


def test_get_changes_nothing(subscriber, client):
    before = ConsentEvent.objects.count()
    for name in ("privacy:centre", "privacy:write", "privacy:policy"):
        client.get(reverse(name))
    assert ConsentEvent.objects.count() == before
    assert may_contact(subscriber, *NEWS)


def test_a_withdrawal_is_recorded_where_nothing_was_ever_given():
    subject = letter().subject
    events = withdraw(subject, method="post")
    assert {e.state for e in events} == {"withdrawn"}
    assert not may_contact(subject, *NEWS)
