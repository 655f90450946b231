"""A case has a clock under a law, states that follow a table, and a page for its person, who may be a guest."""

import datetime as dt

import pytest
from django.core import mail as postbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from privacy.internal import clocks
from privacy.internal.desk import cases, corresponding, extending, reminding, states
from privacy.models import CaseStep, RequestMessage, RightsRequest
from privacy.models.request import RequestReason, RequestState
from privacy.outbox import deliver_due
from tests.support.desk import asked, confirmed, customer, last_letter, link_in, two_of_the_desk
from tests.support.pages import hidden_inputs
from tests.support.staff import signed_in, works_as

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.UTC)


class TestClocks:
    @pytest.mark.parametrize(
        ("law", "received", "due", "extended"),
        [
            ("KR", at(2026, 11, 1), at(2026, 11, 11), at(2026, 11, 21)),
            ("EU", at(2026, 1, 31), at(2026, 2, 28), at(2026, 4, 28)),
            ("UK", at(2026, 11, 15), at(2026, 12, 15), at(2027, 2, 15)),
            ("US", at(2026, 11, 1), at(2026, 12, 16), at(2027, 1, 30)),
        ],
    )
    def test_each_law_has_its_days(self, law, received, due, extended):
        clock = clocks.clock_for(law)
        assert clock.due(received) == due
        assert clock.due_when_extended(received) == extended
        assert clock.law

    @pytest.mark.parametrize("law", ["", "*"])
    def test_of_whom_nobody_knows_the_law_the_shortest_clock_runs(self, law):
        assert clocks.clock_for(law).jurisdiction == "KR"
        assert clocks.shortest_days() == 10

    def test_every_law_that_the_policy_knows_has_a_clock(self):
        from privacy.internal import policy

        assert set(policy.current().jurisdictions) | {"*"} == set(clocks.table())

    def test_a_mail_does_not_tell_by_its_day_whether_the_writer_is_known(self):
        account = customer()
        type(account.subject).objects.filter(pk=account.subject.pk).update(jurisdiction="EU")
        known, unknown = asked(), asked(sender="other@example.com")
        assert known.expected_by - known.received_at == unknown.expected_by - unknown.received_at == 10 * DAY

    def test_once_it_is_certain_who_asks_their_law_counts_and_the_promise_stays(self):
        account = customer()
        type(account.subject).objects.filter(pk=account.subject.pk).update(jurisdiction="EU")
        case = confirmed(asked())
        assert case.jurisdiction == "EU"
        assert case.expected_by - case.received_at == 10 * DAY
        assert extending.last_day(case) > case.received_at + 85 * DAY


class TestExtension:
    def test_once_in_time_with_its_notice(self):
        staff, _other = two_of_the_desk()
        case = asked()
        extending.extend(case, "complex", staff=staff)
        deliver_due()
        case.refresh_from_db()
        assert case.expected_by == case.received_at + 20 * DAY
        assert "takes longer" in last_letter().subject
        assert "because it is complex" in last_letter().body
        with pytest.raises(extending.CannotExtend, match="before"):
            extending.extend(case, "many", staff=staff)

    def test_not_after_the_first_period(self):
        case = asked()
        RightsRequest.objects.filter(pk=case.pk).update(received_at=timezone.now() - 11 * DAY)
        case.refresh_from_db()
        letters = len(postbox.outbox)
        with pytest.raises(extending.CannotExtend, match="Art"):
            extending.extend(case, "complex", staff=None)
        deliver_due()
        case.refresh_from_db()
        assert case.extended_at is None
        assert len(postbox.outbox) == letters


class TestStates:
    def test_what_may_follow_what(self):
        for before, following in states.FOLLOWS.items():
            for after in RequestState:
                reason = RequestReason.OTHER if after is RequestState.DENIED else ""
                if after in following or after is before:
                    states.check(before, after, reason if after is RequestState.DENIED else "")
                else:
                    with pytest.raises(states.CannotMove):
                        states.check(before, after, reason)

    def test_the_words_are_those_of_the_data_rights_protocol(self):
        assert set(RequestState.values) == {"open", "in_progress", "fulfilled", "revoked", "denied", "expired"}
        assert set(RequestReason.values) - {"need_user_verification"} == {
            "suspected_fraud", "insuf_verification", "no_match", "claim_not_covered", "outside_jurisdiction",
            "too_many_requests", "other",
        }  # fmt: skip

    def test_a_denial_has_a_reason(self):
        case = asked()
        with pytest.raises(states.CannotMove):
            cases.close(case, RequestState.DENIED, staff=None)
        case.refresh_from_db()
        assert case.is_open

    def test_a_case_that_has_ended_stays_ended(self):
        case = asked()
        assert cases.close(case, RequestState.DENIED, staff=None, reason=RequestReason.NO_MATCH)
        assert not cases.close(case, RequestState.FULFILLED, staff=None)
        deliver_due()
        case.refresh_from_db()
        assert case.state == RequestState.DENIED
        assert "hold nothing" in last_letter().body


class TestLetters:
    @pytest.mark.parametrize("locale", ["en", "ko", "ja", "zh", "de", "fr", "es"])
    def test_every_text_is_whole_in_every_language(self, locale):
        case = asked()
        RightsRequest.objects.filter(pk=case.pk).update(locale=locale)
        case.refresh_from_db()
        for template in ("acknowledge", *corresponding.OFFERED):
            draft = corresponding.draft(case, template, because="x", stopped="")
            assert draft.locale == locale
            assert "{" not in draft.heading + draft.body, template
            assert case.number in draft.heading
        for reason in RequestReason.values:
            if reason != RequestReason.NEED_USER_VERIFICATION:
                assert reason in corresponding.texts(locale)["answer"]["reason"]

    def test_a_language_that_nobody_wrote_in_is_answered_in_english(self):
        case = asked()
        case.locale = "fi"
        assert corresponding.language_of(case) == "en"

    def test_what_a_machine_wrote_is_never_answered(self):
        from privacy.internal.desk import receiving
        from tests.support.desk import mail_of

        case = receiving.receive_letter(mail_of("I am away.", Auto_Submitted="auto-replied"))
        corresponding.write(case, corresponding.draft(case, "question"), staff=None)
        cases.close(case, RequestState.FULFILLED, staff=None)
        deliver_due()
        assert postbox.outbox == []

    def test_whoever_writes_into_a_case_later_does_not_get_its_letters(self):
        case = asked()
        intruder = asked(sender="intruder@example.com").messages.get()
        RequestMessage.objects.filter(pk=intruder.pk).update(request=case)
        sent_before = len(postbox.outbox)
        corresponding.write(case, corresponding.draft(case, "confirm"), staff=None, asks_identity=True)
        deliver_due()
        assert [letter.to for letter in postbox.outbox[sent_before:]] == [["mina@example.com"]]

    def test_a_letter_of_staff_is_a_message_of_the_case(self):
        staff, _other = two_of_the_desk()
        case = asked()
        letter = corresponding.Draft("free", "en", "About your name", "Is it Kim with an i?")
        corresponding.write(case, letter, staff=staff)
        deliver_due()
        assert last_letter().subject == "About your name"
        page = Client().get(link_in(last_letter().body, "requests/link")).content.decode()
        assert "Is it Kim with an i?" in page
        assert "Please correct my name" in page


class TestThePersonsPage:
    def test_a_guest_sees_the_case_by_the_link_and_until_it_ends(self):
        case = asked()
        page = link_in(last_letter().body, "requests/link")
        shown = Client().get(page)
        assert shown.status_code == 200
        assert "no-store" in shown["Cache-Control"]
        assert case.number in shown.content.decode()
        assert Client().get(page.replace("link/", "link/x")).status_code == 410
        RightsRequest.objects.update(link_expires_at=timezone.now())
        assert Client().get(page).status_code == 410

    def test_a_letter_written_on_the_page_ties_the_browser_to_nobody(self):
        account = customer()
        asked()
        page = link_in(last_letter().body, "requests/link")
        browser = Client()
        typed = {**hidden_inputs(browser.get(page)), "do": "letter", "body": "It is Kim."}
        assert browser.post(page, typed, follow=True).status_code == 200
        assert RequestMessage.objects.filter(body="It is Kim.").exists()
        assert str(account.subject.pk) not in str(dict(browser.session))

    def test_a_request_can_be_taken_back(self):
        case = asked()
        Client().post(link_in(last_letter().body, "requests/link"), {"do": "revoke"})
        case.refresh_from_db()
        assert case.state == RequestState.REVOKED

    def test_the_owner_finds_it_in_the_privacy_centre(self):
        account = customer()
        case = asked()
        browser = signed_in(account)
        assert reverse("privacy:case", args=[case.pk]) in browser.get(reverse("privacy:centre")).content.decode()
        assert browser.get(reverse("privacy:case", args=[case.pk])).status_code == 200
        assert Client().get(reverse("privacy:case", args=[case.pk])).status_code == 302

    def test_notes_of_the_desk_are_not_shown_there(self):
        staff, _other = two_of_the_desk()
        case = asked()
        corresponding.note(case, "Sounds impatient.", staff=staff)
        assert "impatient" not in Client().get(link_in(last_letter().body, "requests/link")).content.decode()


class TestTheStatusObject:
    def test_its_fields_are_those_of_the_protocol(self):
        case = asked()
        token = link_in(last_letter().body, "requests/link").rstrip("/").rsplit("/", 1)[1]
        address = f"/api/v1/privacy-requests/{case.pk}"
        status = Client().get(address, headers={"Authorization": f"Bearer {token}"}).json()
        assert status == Client().get(address, {"token": token}).json()
        assert status["request_id"] == str(case.pk)
        assert status["status"] == "in_progress"
        assert status["reason"] == "need_user_verification"
        assert status["kind"] == "rectification"
        assert dt.datetime.fromisoformat(status["expected_by"]) == case.expected_by.replace(microsecond=0)
        assert set(status) <= {
            "request_id", "received_at", "expected_by", "processing_details", "status", "reason",
            "user_verification_url", "expires_at", "results_url", "kind",
        }  # fmt: skip

    def test_nobody_else_reads_it(self):
        account = customer()
        case, other = asked(), asked(sender="other@example.com")
        address = f"/api/v1/privacy-requests/{case.pk}"
        token = link_in(last_letter("other@example.com").body, "requests/link").rstrip("/").rsplit("/", 1)[1]
        assert Client().get(address).status_code == 404
        assert Client().get(address, {"token": token}).status_code == 404
        assert Client().get(address, {"token": "x"}).status_code == 404
        assert signed_in(customer("third@example.com")).get(address).status_code == 404
        assert signed_in(account).get(address).status_code == 200
        assert other.pk != case.pk


class TestReminders:
    def test_at_half_time_three_days_before_and_when_it_is_past(self):
        works_as("privacy officer", "desk@example.com")
        User.objects.create_user("else@example.com", "long-enough-and-odd-42", is_staff=True)
        case = asked()
        told = []
        for day in range(13):
            reminding.remind_desk(case.received_at + day * DAY + dt.timedelta(minutes=1))
            reminding.remind_desk(case.received_at + day * DAY + dt.timedelta(hours=2))
            before = len(postbox.outbox)
            deliver_due()
            told += [day] * (len(postbox.outbox) - before)
        assert told == [5, 7, 10]
        assert {tuple(letter.to) for letter in postbox.outbox[1:]} == {("desk@example.com",)}
        assert case.number in last_letter("desk@example.com").subject
        assert "mina" not in last_letter("desk@example.com").body.lower()

    def test_nobody_is_reminded_of_what_was_answered(self):
        works_as("privacy officer", "desk@example.com")
        case = asked()
        cases.close(case, RequestState.FULFILLED, staff=None)
        deliver_due()
        assert reminding.remind_desk(case.received_at + 9 * DAY) == 0
        assert not CaseStep.objects.filter(kind="reminded").exists()


@pytest.mark.parametrize(
    ("locale", "begins"), [("ko", "/ko/privacy/"), ("en", "/privacy/"), ("de", "/privacy/"), ("zh-hant", "/privacy/")]
)
def test_the_pages_that_a_letter_leads_to_open_in_the_readers_language_and_always_open(locale, begins, client):
    case = asked()
    RightsRequest.objects.filter(pk=case.pk).update(locale=locale)
    case.refresh_from_db()
    corresponding.write(case, corresponding.draft(case, "confirm"), staff=None, asks_identity=True)
    deliver_due()
    for page in ("requests/confirm", "requests/link"):
        path = link_in(last_letter().body, page)
        assert path.startswith(begins)
        assert client.get(path).status_code == 200
