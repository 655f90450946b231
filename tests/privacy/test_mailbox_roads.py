"""Every road to the desk: mail, pipe, webhook, page, API, post and telephone; and what happens to a letter on the way."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import re
import sys
import time

import pytest
from django.core import mail as sent
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.declaration import Purpose
from privacy.internal.desk import receiving
from privacy.internal.erasing import erase
from privacy.internal.mailbox import threads
from privacy.models import (
    Collection,
    Effect,
    LetterAttachment,
    Look,
    RequestMessage,
    RightsRequest,
    UnreadableMail,
)
from privacy.outbox import deliver_due
from privacy.permission import grant, may_contact
from privacy.views.inbound import signature
from tests.promises.test_control_withdraw import mail
from tests.support.people import letter, shown_notice
from tests.support.staff import WHY, superuser, works_as

pytestmark = pytest.mark.django_db
NEWS = (Purpose.MARKETING_EMAIL, "email")


def subscriber(address="min.ji@gmail.com"):
    subject = letter(sender=address).subject
    grant(subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    return subject


# --- stop means stop -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender", ["min.ji@gmail.com", "MINJI@googlemail.com", "minji+shop@gmail.com", "m.i.n.j.i@gmail.com"]
)
def test_a_stop_from_any_spelling_of_the_address_stops_all_of_them(sender):
    wanted = subscriber()
    other = subscriber("minjo@gmail.com")
    receiving.receive_letter(mail("Please unsubscribe me.", sender=sender))
    assert not may_contact(wanted, *NEWS)
    assert may_contact(other, *NEWS)


def test_a_stop_names_another_address_of_the_same_person():
    wanted = subscriber("old@example.com")
    receiving.receive_letter(mail("Please unsubscribe old@example.com from your newsletter.", sender="new@example.com"))
    assert not may_contact(wanted, *NEWS)


def test_a_stop_among_other_wishes_takes_effect_too():
    wanted = subscriber()
    body = "I request access to my data under Article 15 GDPR. Also stop sending me your newsletter."
    case = receiving.receive_letter(mail(body, sender="minji@gmail.com"))
    assert case.kind == "access"
    assert "withdraw_consent" in case.why
    assert not may_contact(wanted, *NEWS)


def test_when_the_mail_cannot_be_stored_nothing_of_it_happens(monkeypatch):
    """The stop stands in the transaction that stores the mail: both, or neither."""
    wanted = subscriber()

    def fails(*_args, **_kwargs):
        raise OSError("no room")

    monkeypatch.setattr(receiving, "_answer", fails)
    with pytest.raises(OSError, match="no room"):
        receiving.receive_letter(mail("Please unsubscribe me.", sender="minji@gmail.com"))
    assert may_contact(wanted, *NEWS)
    assert RequestMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Please unsubscribe me from the newsletter.", "have stopped all direct marketing"),
        ("광고 메일 수신을 거부합니다.", "광고성 정보를 중단했습니다"),
        ("メルマガの配信停止をお願いします。", "送信をすべて停止しました"),
        ("请取消我的邮件订阅，谢谢。", "已停止向此地址发送"),
        ("請取消訂閱電子報，謝謝您們。", "已停止向此地址發送"),
        (
            "Bitte senden Sie mir keine Werbung mehr zu, ich möchte das nicht.",
            "jede Werbung an diese Adresse eingestellt",
        ),
        ("Je souhaite me désabonner de votre lettre d'information, merci.", "avons cessé toute prospection"),
        ("Por favor, quiero darme de baja de su boletín.", "hemos detenido toda la publicidad"),
    ],
)
def test_the_answer_says_in_the_persons_language_that_it_took_effect(body, words):
    case = receiving.receive_letter(mail(body, sender="mina@example.com"))
    deliver_due()
    (answer,) = sent.outbox
    assert words in " ".join(answer.body.split())
    assert threads.token_of(case) in answer.subject
    assert answer.extra_headers["Auto-Submitted"] == "auto-replied"


def test_the_answer_is_the_same_whether_or_not_the_address_is_known():
    subscriber("known@example.com")
    for address in ("known@example.com", "other@example.com"):
        receiving.receive_letter(mail(f"Please unsubscribe me. {'' if address[0] == 'k' else ' '}", sender=address))
    deliver_due()
    known, other = sent.outbox
    tokens = [
        threads.token_of(case) for case in RightsRequest.objects.filter(kind="withdraw_consent").order_by("received_at")
    ]
    without_link = [re.sub(r"/requests/link/[^/]+/", "", letter.body) for letter in (known, other)]
    told = [{body.replace(t, "") for t in tokens} for body in without_link]
    assert told[0] & told[1]
    assert len(known.body) == len(other.body)


# --- answers to our letters ----------------------------------------------------------------------------------------


def first_letter():
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    deliver_due()
    return case, sent.outbox[-1]


def test_an_answer_goes_to_its_case_by_the_message_id_or_the_token_in_the_subject():
    case, ours = first_letter()
    named = ours.extra_headers["Message-ID"]
    by_id = receiving.receive_letter(mail("It is Minah.", sender="mina@example.com", In_Reply_To=named))
    by_token = receiving.receive_letter(mail("And thanks.", sender="mina@example.com", heading=f"Re: {ours.subject}"))
    assert {by_id.pk, by_token.pk} == {case.pk}
    assert case.messages.count() == 3
    # An answer to an answer is not acknowledged again: two machines cannot keep each other busy.
    assert Effect.objects.filter(kind="privacy.acknowledge").count() == 1


def test_nobody_can_guess_their_way_into_a_case():
    case, _ours = first_letter()
    beginning = case.pk.hex[:8]
    forged = f"<{beginning}-aaaaaaaaaaaa.0123@kmall24.com>"
    stranger = receiving.receive_letter(mail("Let me in.", sender="eve@example.com", In_Reply_To=forged))
    assert stranger.pk != case.pk


def test_a_wish_to_stop_in_an_answer_takes_effect_and_is_a_case_of_its_own():
    wanted = subscriber()
    case, ours = first_letter()
    reply = mail("STOP", sender="minji@gmail.com", References=ours.extra_headers["Message-ID"])
    second = receiving.receive_letter(reply)
    assert (second.kind, second.pk == case.pk) == ("withdraw_consent", False)
    assert not may_contact(wanted, *NEWS)


def test_a_bounce_of_our_own_letter_goes_to_the_case_and_changes_nothing():
    wanted = subscriber()
    case, ours = first_letter()
    named = ours.extra_headers["Message-ID"]
    bounce = receiving.receive_letter(
        mail("unsubscribe: user unknown", sender="MAILER-DAEMON@mx.example.com", In_Reply_To=named, Return_Path="<>")
    )
    assert bounce.pk == case.pk
    case.refresh_from_db()
    assert case.kind == "rectification"
    assert may_contact(wanted, *NEWS)


def test_a_case_that_nobody_could_sort_is_sorted_by_the_answer():
    case = receiving.receive_letter(mail("Hello", sender="mina@example.com"))
    deliver_due()
    named = sent.outbox[-1].extra_headers["Message-ID"]
    same = receiving.receive_letter(mail("Please delete my account.", sender="mina@example.com", In_Reply_To=named))
    assert (same.pk, same.kind) == (case.pk, "erasure")
    assert list(case.steps.filter(kind__in=["opened", "sorted"]).values_list("detail", flat=True)) == [
        "staff_must_read",
        "erasure",
    ]


# --- attachments ---------------------------------------------------------------------------------------------------


def with_attachment(name="passport.pdf", data=b"%PDF-1.7 secret"):
    from email import message_from_bytes, policy

    message = message_from_bytes(
        mail("Please correct my name, the scan shows it.", sender="mina@example.com"), policy=policy.default
    )
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return receiving.receive_letter(message.as_bytes())


def test_an_attachment_is_taken_for_a_reason_and_never_shown():
    case = with_attachment("<img src=x onerror=alert(1)>.pdf")
    file = LetterAttachment.objects.get()
    staff = works_as("privacy officer")
    page = staff.get(reverse("admin:privacy_rightsrequest_change", args=[case.pk])).content.decode()
    assert "onerror" not in page
    address = reverse("admin:privacy_letterattachment_take", args=[file.pk])
    asked = staff.get(address)
    assert b"%PDF" not in asked.content
    assert not Look.objects.exists()
    taken = staff.post(address, WHY)
    assert taken.content == b"%PDF-1.7 secret"
    assert taken["Content-Type"] == "application/octet-stream"
    assert taken["Content-Disposition"].startswith("attachment")
    assert taken["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in taken["Content-Security-Policy"]
    look = Look.objects.get()
    assert look.records == [f"privacy.LetterAttachment:{file.pk}"]


def test_what_can_run_something_gets_an_ending_that_nothing_opens():
    with_attachment("photo.jpg", b"<svg onload=alert(1)>")
    file = LetterAttachment.objects.get()
    assert file.check_result == "active"
    taken = superuser().post(reverse("admin:privacy_letterattachment_take", args=[file.pk]), WHY)
    assert 'photo.jpg.do-not-open"' in taken["Content-Disposition"]


def test_only_those_who_may_reveal_take_a_file():
    with_attachment()
    address = reverse("admin:privacy_letterattachment_take", args=[LetterAttachment.objects.get().pk])
    assert works_as("marketer", "m@example.com").post(address, WHY).status_code == 403
    assert Client().post(address, WHY).status_code == 302


def test_an_attachment_ends_with_its_letter():
    case = with_attachment()
    RightsRequest.objects.filter(pk=case.pk).update(closed_at=timezone.now() - dt.timedelta(days=3 * 366))
    erase(case.subject, acted_by=None, why="case 1")
    assert not LetterAttachment.objects.exists()
    assert not RequestMessage.objects.filter(request=case).exists()


# --- what cannot be read, by the pipe ------------------------------------------------------------------------------


def piped(monkeypatch, capsys, raw):
    class Stdin:
        buffer = io.BytesIO(raw)

    monkeypatch.setattr(sys, "stdin", Stdin)
    call_command("receive_mail")
    (line,) = capsys.readouterr().out.strip().splitlines()
    return json.loads(line)


def test_a_mail_that_cannot_be_read_is_kept_as_a_case_and_without_a_card_number(monkeypatch, capsys):
    monkeypatch.setattr(receiving, "MOST_BYTES", 200)
    answer = piped(monkeypatch, capsys, mail("4111 1111 1111 1111 " + "x" * 300))
    assert set(answer) == {"id", "kind", "state", "expected_by", "why"}
    assert answer["kind"] == "staff_must_read"
    assert "quarantine" in answer["why"]
    kept = UnreadableMail.objects.get()
    assert b"4111" not in base64.b64decode(kept.raw)
    taken = superuser().post(reverse("admin:privacy_unreadablemail_take", args=[kept.pk]), WHY)
    assert taken["Content-Disposition"].startswith("attachment")


def test_why_says_by_which_words_and_in_which_language(monkeypatch, capsys):
    answer = piped(monkeypatch, capsys, mail("제 개인정보를 모두 삭제해 주세요. 그리고 광고 메일은 그만 보내 주세요."))
    assert answer["kind"] == "erasure"
    assert "(ko)" in answer["why"]
    assert "withdraw_consent" in answer["why"]


# --- the webhook ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "secret", "status"), [(0, "s3cret", 200), (3600, "s3cret", 403), (0, "other", 403)])
def test_the_webhook_takes_signed_mails_only(settings, age, secret, status):
    settings.PRIVACY_INBOUND_SECRET = "s3cret"
    raw = mail("Please unsubscribe me.")
    signed = {"HTTP_X_MAIL_SIGNATURE": signature(raw, int(time.time()) - age, secret)}
    answer = Client().post(reverse("privacy:inbound"), raw, content_type="message/rfc822", **signed)
    assert answer.status_code == status
    assert RightsRequest.objects.count() == (status == 200)


def test_the_webhook_takes_a_letter_larger_than_a_form_and_is_not_there_without_a_secret(settings):
    raw = mail("Please unsubscribe me. " + "x" * 4_000_000)
    assert Client().post(reverse("privacy:inbound"), raw, content_type="message/rfc822").status_code == 404
    settings.PRIVACY_INBOUND_SECRET = "s3cret"
    signed = {"HTTP_X_MAIL_SIGNATURE": signature(raw, int(time.time()), "s3cret")}
    answer = Client().post(reverse("privacy:inbound"), raw, content_type="message/rfc822", **signed)
    assert answer.json()["kind"] == "withdraw_consent"


# --- the API -------------------------------------------------------------------------------------------------------

API = "/api/v1/privacy-requests/"


def asked(client, **said):
    token = client.options(API).json()["notice"]["token"]
    body = {"kind": "access", "sender": "mina@example.com", "body": "All of it, please.", "notice": token, **said}
    return client.post(API, body, content_type="application/json")


def test_the_api_takes_a_request_with_its_notice_and_answers_with_its_status():
    answer = asked(Client())
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {"request_id", "kind", "received_at", "expected_by", "processing_details", "status"}
    case = RightsRequest.objects.get(pk=told["request_id"])
    assert (case.kind, case.channel) == ("access", "api")
    collection = Collection.objects.get(surface="api.privacy_request")
    assert collection.notice_digest
    assert Effect.objects.filter(kind="privacy.acknowledge").count() == 1


@pytest.mark.parametrize(
    "said", [{"kind": "withdraw_consent"}, {"kind": "access", "body": "My data, and no more newsletters!"}]
)
def test_the_api_stops_at_once(said):
    wanted = subscriber()
    assert asked(Client(), sender="minji@gmail.com", **said).status_code == 201
    assert not may_contact(wanted, *NEWS)


def test_the_api_refuses_a_stale_notice_a_card_number_and_a_kind_of_its_own():
    client = Client()
    for said in ({"notice": "old"}, {"body": "4111 1111 1111 1111"}, {"kind": "staff_must_read"}, {"body": ""}):
        assert asked(client, **said).status_code == 400
    assert not RightsRequest.objects.exists()


def test_revealing_an_attachment_leads_to_its_download_and_no_table_takes_its_bytes():
    with_attachment(data=b"%PDF-1.7 " + b"secret " * 50)
    file = LetterAttachment.objects.get()
    staff = superuser()
    address = reverse("admin:look_reveal", args=["privacy.letterattachment", file.pk])
    take = reverse("admin:privacy_letterattachment_take", args=[file.pk])
    for answer in (staff.get(address), staff.post(address, WHY)):
        assert (answer.status_code, answer["Location"]) == (302, take)
        assert file.content.encode() not in answer.content
    export = reverse("admin:look_export", args=["privacy.letterattachment"])
    assert staff.post(export, {**WHY, "chosen": [file.pk]}).status_code == 403
    assert staff.post(take, WHY)["Content-Disposition"].startswith("attachment")
    assert Look.objects.count() == 1


def test_no_revealed_page_holds_the_bytes_of_any_file():
    """Every record of the store that holds a file says so, so that no page can show what lies in it."""
    from django.apps import apps

    from privacy.declaration import Category, declaration_of, personal_fields
    from privacy.records import PersonalRecord

    silent = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, PersonalRecord)
        for field in personal_fields(model)
        if field.name in ("content", "raw", "bytes", "data")
        and declaration_of(field).category is not Category.SELF_IMAGE
        and getattr(model, "holds_file", "") != field.name
    ]
    assert silent == []
