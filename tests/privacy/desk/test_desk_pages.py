"""The desk's own pages: the queue by what is due, one case on one page, and what each button refuses."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domain import roles
from accounts.models import User
from privacy.internal.desk import fulfilling, identifying
from privacy.models import DeskNote, Erasure, Look, Reply, RightsRequest
from privacy.models.request import RequestState
from privacy.outbox import deliver_due
from tests.support.desk import asked, confirmed, customer, last_letter
from tests.support.staff import WHY, superuser, works_as

pytestmark = pytest.mark.django_db
QUEUE = "admin:privacy_rightsrequest_changelist"


def page(case, name="change"):
    return reverse(f"admin:privacy_rightsrequest_{name}", args=[case.pk])


def press(browser, case, do, **more):
    return browser.post(page(case, "act"), {"do": do, **more}, follow=True).content.decode()


@pytest.fixture
def officers():
    return [works_as(roles.PRIVACY_OFFICER, f"{name}@example.com") for name in ("first", "second")]


class TestTheQueue:
    def test_what_is_due_first_comes_first_and_each_drawer_has_its_count(self):
        late, soon, calm = asked(), asked(sender="b@example.com"), asked(sender="c@example.com")
        RightsRequest.objects.filter(pk=late.pk).update(expected_by=timezone.now() - dt.timedelta(days=1))
        RightsRequest.objects.filter(pk=soon.pk).update(expected_by=timezone.now() + dt.timedelta(days=2))
        boss = superuser()
        shown = boss.get(reverse(QUEUE)).content.decode()
        assert shown.index(late.number) < shown.index(soon.number) < shown.index(calm.number)
        for words in ("everything open (3)", "overdue (1)", "due within three days (1)", "waits for the person (3)"):
            assert words in shown
        only = boss.get(reverse(QUEUE), {"queue": "overdue"}).content.decode()
        assert late.number in only
        assert calm.number not in only
        front = boss.get(reverse("admin:index")).content.decode()
        assert "?queue=overdue" in front

    def test_no_value_of_anybody_stands_in_it(self):
        asked()
        assert "mina" not in superuser().get(reverse(QUEUE)).content.decode().lower()

    def test_it_speaks_korean_to_who_asks_for_it(self):
        case = asked()
        for address in (reverse(QUEUE), page(case)):
            shown = superuser(f"{address.count('/')}@example.com").get(address, headers={"Accept-Language": "ko"})
            assert "담당 부서" in shown.content.decode()


class TestOneCase:
    def test_everything_is_on_the_page_and_every_value_masked(self, officers):
        customer()
        case = confirmed(asked())
        shown = officers[0].get(page(case)).content.decode()
        for words in ("identity confirmed", "Not used meanwhile", "More time", "What happened", "End this case"):
            assert words in shown
        assert "mina@example.com" not in shown
        assert "Please correct my name" not in shown

    def test_reading_it_whole_takes_one_reason_and_leaves_a_look(self, officers):
        case = asked()
        press(officers[0], case, "note", body="Wrote twice already.")
        assert "Please correct my name" not in officers[0].get(page(case, "read")).content.decode()
        shown = officers[0].post(page(case, "read"), WHY).content.decode()
        assert "Please correct my name" in shown
        assert "Wrote twice already." in shown
        assert Look.objects.filter(subject=case.subject).count() == 1
        assert DeskNote.objects.get().collection.surface == "staff.admin"

    def test_a_role_without_the_right_opens_nothing(self):
        case = asked()
        stranger = works_as(roles.MARKETER, "news@example.com")
        for name in ("change", "correct", "write", "read"):
            assert stranger.get(page(case, name)).status_code == 403
        for name in ("act", "close"):
            assert stranger.post(page(case, name), {"do": "release"}).status_code == 403
        assert Client().get(page(case)).status_code == 302

    def test_buttons_are_pressed_and_not_opened(self, officers):
        case = asked()
        for name in ("act", "close"):
            assert officers[0].get(page(case, name)).status_code == 403

    def test_staff_edit_the_letter_before_it_leaves(self, officers):
        case = asked()
        form = officers[0].get(page(case, "write"), {"template": "question"}).context["form"]
        assert "please tell us" in form.initial["body"]
        wrong = officers[0].post(page(case, "write"), {"heading": "", "body": "Is it Kim?", "template": "question"})
        assert wrong.status_code == 422
        assert "Is it Kim?" in wrong.content.decode()
        officers[0].post(page(case, "write"), {"heading": "A question", "body": "Is it Kim?", "template": "question"})
        deliver_due()
        assert (last_letter().subject, Reply.objects.latest("pk").body) == ("A question", "Is it Kim?")

    def test_more_time_is_taken_with_the_letter_that_says_so(self, officers):
        case = asked()
        address = f"{page(case, 'write')}?template=extension&why=complex"
        form = officers[0].get(address).context["form"]
        officers[0].post(address, {**form.initial})
        deliver_due()
        case.refresh_from_db()
        assert case.expected_by == case.received_at + dt.timedelta(days=20)
        assert "takes longer" in last_letter().subject

    def test_a_denial_without_a_reason_is_asked_again_and_nothing_typed_is_lost(self, officers):
        case = asked()
        answer = officers[0].post(page(case, "close"), {"state": "denied", "words": "Sorry."})
        assert answer.status_code == 422
        assert "Sorry." in answer.content.decode()
        officers[0].post(page(case, "close"), {"state": "denied", "reason": "no_match", "words": "Sorry."})
        deliver_due()
        case.refresh_from_db()
        assert case.state == RequestState.DENIED
        assert "Sorry." in last_letter().body


class TestFourEyesAtTheDesk:
    def test_the_second_pair_belongs_to_somebody_else(self, officers):
        account = customer()
        case = asked(kind="erasure")
        first, second = officers
        check = {"seen": "shown_in_person", "identifier": "person", "person": str(account.subject.pk)}
        assert "second member of staff" in press(first, case, "check", **check)
        assert "waits until it is confirmed" in press(first, case, "fulfil")
        assert not Erasure.objects.exists()
        made = case.verifications.get(method="staff")
        assert "recorded it yourself" in press(first, case, "second", check=str(made.pk))
        assert not identifying.identity_is_confirmed(case, "erasure")
        press(second, case, "second", check=str(made.pk))
        assert identifying.identity_is_confirmed(case, "erasure")
        press(second, case, "fulfil")
        case.refresh_from_db()
        assert case.state == RequestState.FULFILLED
        assert Erasure.objects.filter(subject=account.subject).exists()

    def test_a_remark_names_no_value_and_no_number(self, officers):
        customer()
        case = asked()
        remark = "Passport 010-2345-6789 of mina@example.com"
        shown = press(
            officers[0],
            case,
            "check",
            seen="shown_in_person",
            identifier="person",
            person=str(case.subject_id),
            remark=remark,
        )
        assert "Say only what you saw" in shown
        assert not case.verifications.filter(method="staff").exists()

    def test_a_check_is_about_somebody_whom_the_case_may_be_about(self, officers):
        stranger = customer("other@example.com")
        case = asked()
        press(officers[0], case, "check", seen="called_back", identifier="person", person=str(stranger.subject.pk))
        assert not case.verifications.filter(method="staff").exists()

    def test_what_is_dangerous_asks_for_the_password_again(self):
        late = works_as(roles.PRIVACY_OFFICER, "late@example.com", seconds_ago=3600)
        customer()
        case = asked()
        answer = late.post(
            page(case, "act"),
            {"do": "check", "seen": "called_back", "identifier": "person", "person": str(case.subject_id)},
        )
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"]
        assert not case.verifications.filter(method="staff").exists()
        assert User.objects.filter(is_staff=True).count() == 1


def test_every_kind_has_its_way_or_its_page():
    ways = set(fulfilling.FULFILS)
    assert ways == {"access", "portability", "erasure", "withdraw_consent", "object"}
