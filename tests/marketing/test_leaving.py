"""Every road out ends in one record; opening any link changes nothing; a list of hashes remembers who left."""

import re

import dkim
import pytest
from django.test import Client
from django.urls import reverse

from marketing.domain import composing, rules, suppressing
from marketing.domain.bouncing import receive_report
from marketing.models import Delivery, Subscription, Suppression
from privacy.declaration import Purpose
from privacy.internal.desk import receiving
from privacy.internal.erasing import erase
from privacy.models import ConsentEvent, Effect, Preference, Subject
from privacy.outbox import deliver_due
from privacy.permission import may_contact, withdraw
from tests.marketing.conftest import released
from tests.marketing.test_sending import run
from tests.support.pages import answer
from tests.support.readers import NEWS, reader
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(campaign, sink):
    """One mail as it arrived."""
    reader()
    run(released(campaign))
    (taken,) = sink.taken
    return taken


class TestHeaders:
    def test_are_those_of_rfc_8058_and_rfc_2369(self, mail, settings):
        message = mail.message
        addresses = re.findall(r"<([^>]*)>", message["List-Unsubscribe"])
        token = Subscription.objects.get().token
        assert addresses == [
            f"{settings.BASE_URL}/marketing/leave/{token}/",
            f"mailto:{settings.PRIVACY_MAILBOX}?subject=unsubscribe",
        ]
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
        assert message["Auto-Submitted"] == "auto-generated"
        for header in ("Date", "Message-ID", "From", "To", "List-Id"):
            assert message[header]

    def test_the_web_address_is_https_where_the_store_is(self, campaign, settings):
        settings.BASE_URL = "https://kmall24.example"
        parcel = composing.example(campaign.texts.get(locale="ko"))
        header = re.search(rb"(?m)^List-Unsubscribe: ((?:.*\r\n)(?:[ \t].*\r\n)*)", parcel.content)[1]
        assert len(re.findall(rb"https://", header)) == 1
        assert len(re.findall(rb"<[^>]*>", header)) == 2

    def test_a_signature_over_them_holds(self, mail):
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        public = "".join(
            key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
            .splitlines()[1:-1]
        )
        signed = [b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post"]
        signature = dkim.sign(mail.content, b"news", b"kmall24.com", pem, include_headers=signed)
        for name in (b"list-unsubscribe", b"list-unsubscribe-post"):
            assert name in signature.lower()
        found = {"dnsfunc": lambda *_args, **_kwargs: f"v=DKIM1; k=rsa; p={public}".encode()}
        assert dkim.verify(signature + mail.content, **found)
        forged = mail.content.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=No-Click")
        assert not dkim.verify(signature + forged, **found)

    def test_the_text_is_there_twice_and_the_plain_part_says_all(self, mail):
        plain, html = (mail.message.get_body(preferencelist=(kind,)).get_content() for kind in ("plain", "html"))
        for said in ("Autumn teas", "/products/", "/marketing/leave/", "/marketing/choices/", "511 Yeongdong-daero"):
            assert said in plain
            assert said in html

    def test_nothing_in_it_watches_the_reader(self, mail, settings):
        """No picture, no foreign address, and no link that differs from the staff's but for the two ways out."""
        html = mail.message.get_body(preferencelist=("html",)).get_content()
        assert "<img" not in html
        token = str(Subscription.objects.get().token)
        links = re.findall(r'href="([^"]*)"', html)
        assert {link for link in links if token not in link} == {f"{settings.BASE_URL}/products/"}
        assert all(link.startswith(settings.BASE_URL) for link in links)
        assert not re.search(r"utm_|[?&](?:id|uid|c|r|e|m)=", html)


class TestRoads:
    def test_a_scanner_that_opens_every_link_changes_nothing(self, mail):
        subscription = Subscription.objects.get()
        before = ConsentEvent.objects.count()
        text = mail.content.decode() + mail.message.get_body(preferencelist=("html",)).get_content()
        text += mail.message.get_body(preferencelist=("plain",)).get_content()
        paths = {re.sub(r"^https?://[^/]+", "", link) for link in re.findall(r"https?://[^\s\"<>]+", text)}
        assert sum(str(subscription.token) in path for path in paths) >= 2
        scanner = Client()
        for path in paths:
            for method in (scanner.get, scanner.head):
                assert method(path).status_code in (200, 404)
        assert ConsentEvent.objects.count() == before
        assert may_contact(subscription.subject, *NEWS)

    @pytest.mark.parametrize(
        "road", ["one_click", "page", "choices", "api", "mail", "staff", "centre", "api_signed_in"]
    )
    def test_each_is_one_record_and_holds_at_once(self, road, client, django_user_model):
        subscription = reader()
        subject, token = subscription.subject, subscription.token
        leave = reverse("marketing:leave", args=[token])
        account = django_user_model(subject=subject)
        account.set_unusable_password()
        account.save()
        match road:
            case "one_click":
                Client(enforce_csrf_checks=True).post(leave, {"List-Unsubscribe": "One-Click"})
            case "page":
                client.post(leave)
            case "choices":
                answer(client, reverse("marketing:choices", args=[token]), {})
            case "api":
                client.post("/api/v1/marketing/opt-out", {"token": str(token)}, "application/json")
            case "api_signed_in":
                client.force_login(account)
                client.post("/api/v1/marketing/opt-out", {}, "application/json")
            case "mail":
                receiving.receive_letter(b"From: Reader@Example.com\nSubject: unsubscribe\nMessage-ID: <1@x>\n\n")
            case "staff":
                superuser().post(
                    reverse("admin:marketing_subscription_changelist"),
                    {"action": "record_opt_out", "_selected_action": subscription.pk},
                )
            case "centre":
                client.force_login(account)
                page = client.get(reverse("privacy:centre"))
                client.post(reverse("privacy:choose"), {"notice": page.context["choices"]["notice"].value()})
        assert not may_contact(subject, *NEWS)
        last = (
            ConsentEvent.objects.filter(subject=subject, purpose=NEWS[0], channel="email")
            .order_by("received_at")
            .last()
        )
        assert last.state == "withdrawn"
        assert Preference.objects.get(subject=subject, purpose=NEWS[0]).event == last
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == {0}

    def test_an_api_call_without_a_key_says_what_is_missing(self, client):
        assert client.post("/api/v1/marketing/opt-out", {}, "application/json").status_code in (400, 422)
        assert client.post("/api/v1/marketing/opt-out", {"token": "x"}, "application/json").status_code in (400, 422)
        assert client.get("/api/v1/marketing/opt-out").status_code == 405

    def test_the_page_of_choices_shows_and_changes_everything_by_its_link_alone(self, client):
        subscription = reader()
        path = reverse("marketing:choices", args=[subscription.token])
        page = client.get(path)
        assert [(purpose, ticked) for purpose, _words, ticked in page.context["boxes"]] == [
            (Purpose.MARKETING_EMAIL, True),
            (Purpose.SURVEY_INVITATION, False),
            (Purpose.THIRD_PARTY_PROMOTION, False),
            (Purpose.ADVERTISING, False),
        ]
        answer(client, path, {"also": [Purpose.SURVEY_INVITATION.value]})
        assert not may_contact(subscription.subject, *NEWS)
        assert may_contact(subscription.subject, Purpose.SURVEY_INVITATION, "email")
        assert not may_contact(subscription.subject, Purpose.THIRD_PARTY_PROMOTION, "email")

    def test_the_page_of_choices_gives_nothing_away_about_a_link(self, client):
        path = reverse("marketing:choices", args=["00000000-0000-4000-8000-000000000000"])
        assert client.get(path).status_code == 200
        assert answer(client, path, {"also": [NEWS[0].value]}).status_code == 404
        assert not Subject.objects.exists()


class TestList:
    def test_survives_an_erasure_and_a_new_account(self, campaign, sink, client):
        gone = reader("mina.kim@gmail.com")
        erase(gone.subject, acted_by=None, why="test")
        assert not Subscription.objects.exists()
        # Typed in again, by whomever: nothing is permitted before the button in the mailbox is pressed.
        answer(client, reverse("marketing:subscribe"), {"email": "minakim@gmail.com"})
        assert suppressing.suppressed({0: "minakim+x@gmail.com"}, NEWS[0]) == {0}
        # And a permission that came in by any other way than the person's own sends nothing.
        again = reader("minakim+y@gmail.com", method="import")
        assert may_contact(again.subject, *NEWS)
        run(released(campaign))
        assert sink.taken == []
        assert Delivery.objects.get(subject=again.subject).why == "suppressed"

    def test_is_left_by_the_persons_own_confirmed_yes(self, client, campaign, sink):
        gone = reader()
        withdraw(gone.subject, method="mail")
        Effect.objects.all().delete()
        answer(client, reverse("marketing:subscribe"), {"email": "reader@example.com"})
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == {0}
        token = Subscription.objects.get().token
        answer(client, reverse("marketing:confirm", args=[token]), {})
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == set()
        assert suppressing.suppressed({0: "reader@example.com"}, Purpose.THIRD_PARTY_PROMOTION) == {0}
        run(released(campaign))
        assert len(sink.taken) == 1

    def test_holds_nothing_that_can_be_read_and_nothing_that_can_be_deleted_with_it(self):
        reader_ = reader()
        withdraw(reader_.subject, method="form")
        assert {f.name for f in Suppression._meta.get_fields()} == {
            "id",
            "digest",
            "key_id",
            "purpose",
            "cause",
            "since",
        }
        assert not any(f.is_relation for f in Suppression._meta.get_fields())
        assert all(
            b"reader" not in bytes(row.digest) and len(bytes(row.digest)) == 32 for row in Suppression.objects.all()
        )

    def test_goes_on_to_be_found_after_its_key_was_changed(self, settings):
        settings.SUPPRESSION_KEYS = ["k1:first"]
        suppressing.suppress(["a@example.com"], Suppression.Cause.OPT_OUT)
        settings.SUPPRESSION_KEYS = ["k2:second", "k1:first"]
        suppressing.suppress(["b@example.com"], Suppression.Cause.OPT_OUT)
        assert suppressing.suppressed({0: "a@example.com", 1: "b@example.com", 2: "c@example.com"}, "") == {0, 1}
        assert set(Suppression.objects.values_list("key_id", flat=True)) == {"k1", "k2"}
        settings.SUPPRESSION_KEYS = ["k2:second"]
        assert suppressing.suppressed({0: "a@example.com"}, "") == set()

    def test_one_purpose_is_not_all(self):
        one = reader(permits=[Purpose.MARKETING_EMAIL, Purpose.THIRD_PARTY_PROMOTION])
        withdraw(one.subject, [(Purpose.THIRD_PARTY_PROMOTION, "email")], method="form")
        assert suppressing.suppressed({0: "reader@example.com"}, Purpose.THIRD_PARTY_PROMOTION) == {0}
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == set()


class TestConfirmingChoices:
    def test_a_yes_and_a_no_are_confirmed_by_a_service_letter(self, client, mailoutbox):
        subscription = reader(law="KR")
        withdraw(subscription.subject, [NEWS], method="form")
        waiting = Effect.objects.filter(kind="marketing.confirm_choices")
        assert waiting.exists()
        waiting.update(due_at="2000-01-01T00:00Z")
        deliver_due()
        assert all(m.to == ["reader@example.com"] for m in mailoutbox)
        assert "no, taken back" in mailoutbox[-1].body
        assert "List-Unsubscribe" not in mailoutbox[-1].extra_headers

    def test_a_no_is_confirmed_by_itself_long_after_the_yes(self, mailoutbox):
        subscription = reader(law="KR")
        Effect.objects.filter(kind="marketing.confirm_choices").delete()
        withdraw(subscription.subject, [NEWS], method="one_click")
        Effect.objects.filter(kind="marketing.confirm_choices").update(due_at="2000-01-01T00:00Z")
        deliver_due()
        assert ["no, taken back" in m.body for m in mailoutbox] == [True]

    def test_where_no_law_asks_for_it_none_is_sent(self):
        withdraw(reader(law="US").subject, method="form")
        assert not Effect.objects.filter(kind="marketing.confirm_choices").exists()

    def test_within_fourteen_days(self):
        reader(law="KR")
        effect = Effect.objects.get(kind="marketing.confirm_choices")
        assert (effect.due_at - effect.created_at).days < 14
        assert rules.demands("KR", "email").confirm_within == "P14D"


def _dsn(delivery, action="failed", status="5.1.1"):
    return (
        f"From: mailer-daemon@mx.example\nTo: {composing.return_address(delivery.pk)}\nSubject: returned\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\nMIME-Version: 1.0\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; somebody.else@example.com\nAction: {action}\nStatus: {status}\n\n--b--\n"
    ).encode()


def _complaint(delivery):
    return (
        f"From: fbl@provider.example\nTo: fbl@kmall24.com\nSubject: complaint\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\nMIME-Version: 1.0\n\n'
        "--b\nContent-Type: text/plain\n\nUnwanted.\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n"
        f"Original-Mail-From: <{composing.return_address(delivery.pk)}>\n\n--b--\n"
    ).encode()


class TestReturns:
    @pytest.fixture
    def delivery(self, mail):
        return Delivery.objects.get()

    def test_every_mail_has_a_return_address_of_its_own(self, mail, delivery):
        assert composing.number_in(mail.sender) == delivery.pk
        number, _dot, seal = mail.sender.partition("+")[2].partition("@")[0].partition(".")
        assert composing.number_in(mail.sender.replace(f"{number}.{seal}", f"{int(number) + 1}.{seal}")) is None

    def test_a_dead_address_is_left_alone_and_no_choice_is_recorded(self, delivery):
        before = ConsentEvent.objects.count()
        assert receive_report(_dsn(delivery)).returned == "hard"
        assert ConsentEvent.objects.count() == before
        assert may_contact(delivery.subject, *NEWS)
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == {0}
        assert Suppression.objects.filter(cause="bounce").exists()

    def test_a_full_mailbox_is_no_reason(self, delivery):
        assert receive_report(_dsn(delivery, status="5.2.2")).returned == "soft"
        assert receive_report(_dsn(delivery, "delayed", "4.4.7")).returned == "soft"
        assert suppressing.suppressed({0: "reader@example.com"}, NEWS[0]) == set()

    def test_a_complaint_is_an_opt_out(self, delivery):
        assert receive_report(_complaint(delivery)).returned == "complaint"
        assert not may_contact(delivery.subject, *NEWS)
        delivery.refresh_from_db()
        assert delivery.returned == "complaint"

    def test_a_report_that_somebody_made_up_suppresses_nobody(self, delivery):
        forged = _dsn(delivery).replace(b"bounces+", b"bounces+9")
        assert receive_report(forged).delivery is None
        assert not Suppression.objects.exists()

    @pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"To: x\n\n", b"Content-Type: multipart/report\n\n"])
    def test_rubbish_is_answered_and_does_nothing(self, raw):
        assert receive_report(raw).delivery is None
