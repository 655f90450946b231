"""Permission by purpose, channel and law: the mechanism is data, and a choice is one only where it was offered."""

import dataclasses
import datetime as dt
import itertools

import pytest
from celery import shared_task
from django.conf import settings
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from privacy import permission
from privacy.answers import collect_answers
from privacy.errors import NotPermitted
from privacy.gate import collecting, merge, under_law_of
from privacy.internal import policy, shown
from privacy.internal.policy import Mechanism, PermissionRule
from privacy.internal.reminding import remind_due
from privacy.models import Collection, ConsentEvent, Preference, RequestMessage, ShownText, Subject
from privacy.models.consent import ConsentState
from privacy.outbox import deliver_due
from privacy.permission import (
    audience,
    expire_due,
    grant,
    heed_gpc,
    may_contact,
    permission_to_send,
    record_choices,
    refuse,
    state_of,
    withdraw,
)
from tests.marketing.test_subscribing import path_in_letter, subscribe
from tests.support.pages import hidden_inputs
from tests.support.people import shown_notice

NEWS = ("marketing.communications.email", "email")
OTHERS = ("marketing.advertising.third_party", "email")
ALL_NEWS = [NEWS, OTHERS]


def somebody(**kwargs) -> Subject:
    return Subject.objects.create(**kwargs)


def ask(*purposes: str, box: bool = False):
    return shown_notice(asks=purposes or [NEWS[0], OTHERS[0]], opt_out_box=box)


def yes(subject: Subject, way: tuple[str, str] = NEWS, **kwargs) -> ConsentEvent:
    return grant(subject, *way, method="form", notice=ask(way[0]), **kwargs)


def a_sale(subject: Subject) -> Collection:
    with collecting(
        surface="web.checkout",
        subject=subject,
        fields=[RequestMessage.sender],
        notice=shown_notice(RequestMessage.sender),
    ) as collection:
        return collection


@pytest.fixture
def rules(monkeypatch):
    """Let another table of mechanisms be in force."""
    in_force = policy.current()

    def put(**by_law: Mechanism | PermissionRule) -> None:
        rows = [
            rule
            if isinstance(rule, PermissionRule)
            else PermissionRule(*NEWS, law.replace("others", "*"), rule, "", "", "")
            for law, rule in by_law.items()
        ]
        changed = dataclasses.replace(in_force, permissions=tuple(rows))
        monkeypatch.setattr(policy, "current", lambda on=None: changed)

    return put


@pytest.mark.django_db
class TestAChoice:
    def test_is_a_yes_only_beside_a_control_that_was_shown(self):
        with pytest.raises(NotPermitted, match="No control"):
            grant(somebody(), *NEWS, method="form", notice=ask(OTHERS[0]))
        with pytest.raises(NotPermitted, match="never invented"):
            record_choices(somebody(), [NEWS], "given", method="admin", notice=None)
        assert not ConsentEvent.objects.exists()

    def test_is_a_refusal_by_the_box_only_where_the_box_stood(self):
        refuse(somebody(), method="form", notice=shown_notice(RequestMessage.sender))
        with pytest.raises(NotPermitted, match="No control"):
            refuse(somebody(), method="form", notice=ask(NEWS[0]))

    def test_is_never_written_as_a_yes_by_a_task(self):
        @shared_task(name="tests.say_yes")
        def say_yes(key: str) -> None:
            yes(Subject.objects.get(pk=key))

        person = somebody()
        with pytest.raises(NotPermitted, match="never by a task"):
            say_yes.apply(args=[str(person.pk)], throw=True)
        assert state_of(person, *NEWS) is None

    def test_not_asked_asked_and_refused_are_three_things(self):
        person = somebody()
        assert state_of(person, *NEWS) is None
        record_choices(person, [NEWS], "requested", method="form", notice=ask())
        assert state_of(person, *NEWS) == "requested"
        refuse(person, [NEWS], method="form", notice=ask())
        assert state_of(person, *NEWS) == "refused"
        record_choices(person, [NEWS], "requested", method="form", notice=ask())
        assert state_of(person, *NEWS) == "refused"

    def test_about_news_says_nothing_of_third_parties(self):
        person = somebody()
        yes(person)
        assert may_contact(person, *NEWS)
        assert not may_contact(person, *OTHERS)


@pytest.mark.django_db
class TestTheLaw:
    def test_is_that_of_the_country_that_a_person_names_and_the_strictest_for_two(self):
        person = Subject()
        under_law_of(person, "de")
        assert person.jurisdiction == "EU"
        person.save()
        under_law_of(person, "FR")
        assert person.jurisdiction == "EU"
        under_law_of(person, "KR")
        under_law_of(person, "DE")
        person.refresh_from_db()
        assert person.jurisdiction == "*"
        assert policy.current().jurisdiction_of("BR") == "other"

    @pytest.mark.parametrize("country", ["KR", "DE", "US", "GB", "JP", "BR", ""])
    def test_as_published_permits_direct_marketing_after_a_yes_only(self, country):
        law = policy.current().jurisdiction_of(country) if country else ""
        for way in permission.DIRECT_MARKETING:
            assert policy.current().rule(*way, law).mechanism is Mechanism.OPT_IN
        person = somebody(jurisdiction=law)
        a_sale(person)
        assert not may_contact(person, *NEWS)

    def test_that_is_not_known_is_the_strictest(self, rules):
        rules(others=Mechanism.NOTICE_ONLY, EU=Mechanism.SOFT_OPT_IN, KR=Mechanism.OPT_OUT)
        for unknown in ("", "*"):
            assert policy.current().rule(*NEWS, unknown).mechanism is Mechanism.SOFT_OPT_IN

    @pytest.mark.parametrize(
        ("mechanism", "permitted"),
        [
            (Mechanism.OPT_IN, {"given"}),
            (Mechanism.SOFT_OPT_IN, {"given", "customer", "customer requested"}),
            (Mechanism.OPT_OUT, {"given", "customer", "customer requested", "stranger", "stranger requested"}),
            (
                Mechanism.NOTICE_ONLY,
                {
                    "given",
                    "customer",
                    "customer requested",
                    "stranger",
                    "stranger requested",
                    "ended",
                    "customer ended",
                },
            ),
        ],
    )
    def test_decides_and_the_audience_agrees_with_the_single_question(self, rules, mechanism, permitted):
        rules(others=Mechanism.OPT_IN, EU=mechanism)
        people: dict[str, Subject] = {}
        for who, state in itertools.product(["stranger", "customer"], [None, "requested", "given", "refused", "ended"]):
            person = people[f"{who} {state}" if state else who] = somebody(jurisdiction="EU")
            if who == "customer":
                a_sale(person)
            if state in ("given", "ended"):
                yes(person)
            elif state:
                record_choices(person, [NEWS], state, method="form", notice=ask())
            if state == "ended":
                Preference.objects.filter(subject=person).update(valid_until=timezone.now())
        expected = permitted - {"given", "ended"}
        if "given" in permitted:
            expected |= {"stranger given", "customer given"}
        if "ended" in permitted:
            expected |= {"stranger ended"}
        assert {name for name, person in people.items() if may_contact(person, *NEWS)} == expected
        reached = set(audience(*NEWS))
        assert {name for name, person in people.items() if person.pk in reached} == expected
        for name, person in people.items():
            if name in expected:
                with permission_to_send(person, *NEWS):
                    pass
            else:
                with pytest.raises(NotPermitted), permission_to_send(person, *NEWS):
                    pass

    def test_of_one_country_does_not_loosen_that_of_another(self, rules):
        rules(others=Mechanism.OPT_IN, US=Mechanism.OPT_OUT)
        american, korean, unknown = (somebody(jurisdiction=law) for law in ("US", "KR", ""))
        assert set(audience(*NEWS)) == {american.pk}
        assert [may_contact(p, *NEWS) for p in (american, korean, unknown)] == [True, False, False]


@pytest.mark.django_db
class TestTime:
    def test_ends_a_permission_at_its_moment_and_the_clock_writes_it_down(self, rules):
        rules(others=PermissionRule(*NEWS, "*", Mechanism.OPT_IN, "P1Y", "", ""))
        person = somebody()
        yes(person)
        ends = Preference.objects.get(subject=person).valid_until
        assert dt.timedelta(364) < ends - timezone.now() < dt.timedelta(367)
        assert expire_due() == 0
        Preference.objects.update(valid_until=timezone.now())
        assert not may_contact(person, *NEWS)
        assert person.pk not in audience(*NEWS)
        assert expire_due() == 1
        assert expire_due() == 0
        assert state_of(person, *NEWS) == "expired"
        assert ConsentEvent.objects.filter(subject=person, method="clock", state="expired").exists()

    def test_of_two_years_reminds_in_korea_and_silence_keeps_the_permission(self):
        korean = somebody(jurisdiction="KR")
        yes(korean)
        held = Preference.objects.get(subject=korean)
        assert held.reconfirm_at.year == timezone.now().year + 2
        assert held.valid_until is None
        Preference.objects.update(reconfirm_at=timezone.now())
        assert may_contact(korean, *NEWS)
        withdraw(korean, [NEWS], method="form")
        assert Preference.objects.get(subject=korean, purpose=NEWS[0]).reconfirm_at is None

    def test_reminds_once_by_a_letter_to_the_address_that_the_permission_is_for(self, client):
        subscribe(client)
        deliver_due()
        confirm = path_in_letter("confirm")
        client.post(confirm, hidden_inputs(client.get(confirm)))
        mail.outbox.clear()
        Subject.objects.update(jurisdiction="KR")
        Preference.objects.update(reconfirm_at=timezone.now())
        assert [remind_due(), remind_due()] == [1, 0]
        assert Preference.objects.get().reconfirm_at.year == timezone.now().year + 2
        deliver_due()
        (letter,) = mail.outbox
        assert letter.reply_to == [settings.PRIVACY_MAILBOX]
        assert "every two years" in letter.body
        assert may_contact(Subject.objects.get(), *NEWS)

    def test_does_not_remind_who_has_stopped_meanwhile(self, client):
        person = somebody(jurisdiction="KR")
        yes(person)
        Preference.objects.update(reconfirm_at=timezone.now())
        assert remind_due() == 1
        withdraw(person, [NEWS], method="form")
        deliver_due()
        assert not mail.outbox


@pytest.mark.django_db
class TestOnePersonOfTwoKeys:
    def test_a_guests_no_counts_for_the_account(self):
        guest, account = somebody(), somebody()
        yes(account)
        refuse(guest, [NEWS], method="form", notice=ask())
        merge(guest, account)
        assert not may_contact(account, *NEWS)

    def test_a_yes_that_came_after_it_stands(self):
        guest, account = somebody(), somebody()
        refuse(guest, [NEWS], method="form", notice=ask())
        yes(account)
        merge(guest, account)
        assert may_contact(account, *NEWS)

    @pytest.mark.parametrize("speaker", ["guest", "account"])
    def test_a_stop_said_as_either_holds_for_both(self, speaker):
        guest, account = somebody(), somebody()
        merge(guest, account)
        guest.refresh_from_db()
        yes(guest)
        yes(account)
        withdraw({"guest": guest, "account": account}[speaker], [NEWS], method="mail")
        assert not may_contact(guest, *NEWS)
        assert not may_contact(account, *NEWS)
        yes(account)
        assert not may_contact(guest, *NEWS)


@pytest.mark.django_db
class TestGlobalPrivacyControl:
    def test_is_a_no_to_third_parties_and_to_nothing_else(self):
        person = somebody()
        assert [event.method for event in heed_gpc(person)] == ["gpc"]
        assert state_of(person, *OTHERS) == "refused"
        assert state_of(person, *NEWS) is None
        assert heed_gpc(person) == []

    def test_ends_a_yes_from_before_and_not_one_that_was_said_under_it(self):
        before, after = somebody(), somebody()
        yes(before, OTHERS)
        heed_gpc(after)
        yes(after, OTHERS, under_gpc=True)
        heed_gpc(before)
        heed_gpc(after)
        assert not may_contact(before, *OTHERS)
        assert may_contact(after, *OTHERS)

    @pytest.mark.parametrize(("header", "refused"), [("1", True), ("0", False), ("true", False), (None, False)])
    def test_comes_with_every_form(self, header, refused, client):
        request = RequestFactory().post("/", **({"HTTP_SEC_GPC": header} if header else {}))
        request.session, request.user = client.session, Stranger()
        with collect_answers(
            request,
            surface="web.privacy_request",
            collects={"sender": RequestMessage.sender},
            notice=shown_notice(RequestMessage.sender),
            no_marketing=False,
            method="form",
        ) as collection:
            pass
        assert (state_of(collection.subject, *OTHERS) == "refused") is refused


class Stranger:
    is_authenticated = False


@pytest.mark.django_db(transaction=True)
class TestWhatWasShown:
    def test_can_be_read_again_word_by_word(self, monkeypatch):
        monkeypatch.setattr(shown, "_kept", set())
        person = somebody()
        event = yes(person)
        text = ShownText.objects.get(digest=event.text_digest)
        assert policy.current().words("en").of("question", NEWS[0]) in text.text
        assert (text.policy_version, text.locale) == (event.policy_version, event.locale)
        yes(person)
        assert ShownText.objects.count() == 1

    def test_of_an_answer_that_failed_is_written_with_the_next(self, monkeypatch):
        monkeypatch.setattr(shown, "_kept", set())
        person = somebody()
        with transaction.atomic():
            yes(person)
            transaction.set_rollback(True)
        assert not ShownText.objects.exists()
        yes(person)
        assert ShownText.objects.exists()

    def test_a_no_waits_for_a_send_that_rests_on_no_preference(self, rules):
        rules(others=Mechanism.OPT_OUT)
        person = somebody()
        from concurrent.futures import ThreadPoolExecutor

        def impatient_no() -> None:
            try:
                with transaction.atomic():
                    with connection.cursor() as cursor:
                        cursor.execute("SET LOCAL lock_timeout = '50ms'")
                    withdraw(person, [NEWS], method="mail")
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool, permission_to_send(person, *NEWS), pytest.raises(OperationalError):
            pool.submit(impatient_no).result()
        withdraw(person, [NEWS], method="mail")
        with pytest.raises(NotPermitted), permission_to_send(person, *NEWS):
            pass
        assert state_of(person, *NEWS) == ConsentState.WITHDRAWN
