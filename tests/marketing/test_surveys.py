"""Surveys: anonymous answers lead to nobody, the others come through the door, and nothing is told of fewer than ten."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.domain.roles import MARKETER, ORDER_DESK
from marketing.domain import results, suppressing, surveys, tickets
from marketing.models import AnonymousAnswer, Question, Subscription, Survey, SurveyAnswer, SurveyInvitation
from orders.models import Order
from privacy.declaration import Purpose
from privacy.gate import collecting
from privacy.internal import retention
from privacy.internal.erasing import erase
from privacy.models import Collection, ConsentEvent, Subject
from privacy.notice import Notice
from privacy.outbox import deliver_due
from privacy.permission import grant, refuse, withdraw
from tests.orders.test_race import _at_once
from tests.support import aged
from tests.support.pages import answer, hidden_inputs
from tests.support.people import shown_notice
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.django_db

INVITED = (Purpose.SURVEY_INVITATION, "email")


def survey(kind: str = "anonymous", slug: str = "how-was-it", **more: Any) -> Survey:
    """One question of each kind."""
    now = timezone.now()
    given = {"released": True, "opens_at": now - dt.timedelta(days=1), "closes_at": now + dt.timedelta(days=9)} | more
    made = Survey.objects.create(slug=slug, kind=kind, titles={"en": "How was it?", "ko": "어떠셨나요?"}, **given)
    good, bad = {"en": "Good", "ko": "좋음"}, {"en": "Bad", "ko": "나쁨"}
    for position, (asked, options, required) in enumerate(
        [("choice", [good, bad], True), ("choices", [good, bad], False), ("scale", [], False), ("text", [], False)]
    ):
        Question.objects.create(
            survey=made,
            position=position,
            kind=asked,
            wordings={"en": f"A {asked}", "ko": f"질문 {asked}"},
            options=options,
            required=required,
        )
    return made


def filled_in(of: Survey, **changed: Any) -> dict[str, Any]:
    values = {"choice": "0", "choices": ["0", "1"], "scale": "4", "text": "Lovely tea"} | changed
    return {f"question_{q.pk}": values[q.kind] for q in of.questions.all() if values[q.kind] not in ("", [])}


def order(email: str = "mina@example.com") -> Order:
    return aged.order(placed_at=timezone.now() - dt.timedelta(days=9), email=email)


def invited(of: Survey, about: Order | None = None) -> SurveyInvitation:
    return SurveyInvitation.objects.create(survey=of, order=about or order())


def address(of: SurveyInvitation) -> str:
    return reverse("surveys:order", args=[of.survey.slug, of.key])


def permits(subject: Subject, email: str = "mina@example.com") -> Subscription:
    """A confirmed subscriber who wants to be invited."""
    with collecting(
        surface="web.subscribe", subject=subject, fields=[Subscription.email], notice=shown_notice(Subscription.email)
    ):
        made = Subscription.objects.create(subject=subject, email=email, confirmed_at=timezone.now())
    asked = Notice({"email": Subscription.email}, asks=[Purpose.SURVEY_INVITATION])
    grant(subject, *INVITED, method="form", notice=asked.answered(asked.token()), surface="web.subscribe")
    return made


class TestAnonymous:
    def test_answers_are_kept_without_a_person_a_visitor_a_sheet_or_a_time(self, client: Client) -> None:
        """Every column of the table, and every table that a visit could have left a trace in."""
        asked = survey()
        assert answer(client, asked.get_absolute_url(), filled_in(asked)).status_code == 302
        assert AnonymousAnswer.objects.count() == 4
        columns = {field.name: type(field) for field in AnonymousAnswer._meta.get_fields()}
        assert set(columns) == {"id", "question", "picks", "words", "day"}, "a new column is thought about here first"
        assert columns["day"] is models.DateField
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM marketing_anonymousanswer")
            named = [column.name for column in cursor.description]
            rows = [dict(zip(named, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            for name, value in row.items():
                assert not isinstance(value, dt.datetime | dt.time), name
            assert row["day"] == timezone.localdate()
            assert uuid.UUID(str(row["id"])).version == 4, "random, so that it tells no order"
        assert {f.related_model for f in AnonymousAnswer._meta.get_fields() if f.is_relation} == {Question}
        assert {f.related_model for f in Question._meta.get_fields() if f.many_to_one} == {Survey}
        assert not Subject.objects.exists()
        assert not Collection.objects.exists()
        assert set(client.cookies) <= {"csrftoken"}

    def test_even_of_somebody_who_is_signed_in(self, client: Client, django_user_model: Any) -> None:
        client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        asked = survey()
        with CaptureQueriesContext(connection) as queries:
            answer(client, asked.get_absolute_url(), filled_in(asked))
        written = [q["sql"] for q in queries if re.match(r"INSERT|UPDATE", q["sql"])]
        tables = [re.sub(r"\W", " ", sql).split()[2] for sql in written]
        assert tables == ["marketing_spentticket", "marketing_anonymousanswer"]

    def test_the_order_in_which_a_sheet_was_filled_in_is_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked, shuffled = survey(), []
        monkeypatch.setattr(surveys.random.SystemRandom, "shuffle", lambda _self, rows: shuffled.append(len(rows)))
        said = {q.pk: [0] for q in asked.questions.exclude(kind="text")}
        surveys.answer_anonymously(asked, said, ticket=tickets.make(asked))
        assert shuffled == [3]

    def test_the_page_says_so_and_asks_for_nobody(self, client: Client) -> None:
        page = client.get(survey().get_absolute_url()).content.decode()
        assert "Anonymous:" in page
        assert "no_marketing" not in page
        assert set(hidden_inputs(client.get("/surveys/how-was-it/"))) == {"ticket"}

    def test_a_card_number_in_the_words_is_refused(self, client: Client) -> None:
        asked = survey()
        sent = answer(client, asked.get_absolute_url(), filled_in(asked, text="4242 4242 4242 4242"))
        assert sent.status_code == 422
        assert not AnonymousAnswer.objects.exists()

    @pytest.mark.parametrize(
        ("more", "status"), [({"released": False}, 404), ({"closes_at": "past"}, 410), ({"opens_at": "coming"}, 410)]
    )
    def test_is_answered_only_while_it_is_open(self, client: Client, more: dict[str, Any], status: int) -> None:
        asked = survey()
        page = hidden_inputs(client.get(asked.get_absolute_url()))
        past, coming = timezone.now() - dt.timedelta(minutes=1), timezone.now() + dt.timedelta(minutes=1)
        Survey.objects.update(**{n: {"past": past, "coming": coming}.get(v, v) for n, v in more.items()})
        assert client.post(asked.get_absolute_url(), {**page, **filled_in(asked)}).status_code == status
        assert not AnonymousAnswer.objects.exists()
        assert "How was it?" not in client.get("/surveys/").content.decode()

    def test_is_asked_in_the_language_of_the_page(self, client: Client) -> None:
        survey()
        page = client.get("/ko/surveys/how-was-it/").content.decode()
        assert "어떠셨나요?" in page
        assert "질문 scale" in page
        assert "좋음" in page

    def test_what_must_be_answered_must_and_nothing_typed_is_lost(self, client: Client) -> None:
        asked = survey()
        refused = answer(client, asked.get_absolute_url(), filled_in(asked, choice=""))
        assert refused.status_code == 422
        assert "Lovely tea" in refused.content.decode()

    @pytest.mark.parametrize("made_up", ["7", "-1", "x", "1' OR 1=1"])
    def test_a_choice_that_was_not_offered_is_refused(self, client: Client, made_up: str) -> None:
        asked = survey()
        assert answer(client, asked.get_absolute_url(), filled_in(asked, choice=made_up)).status_code == 422


class TestAboutAnOrder:
    def test_answers_come_through_the_door_with_notice_and_box(self, client: Client) -> None:
        asked = invited(survey("order"))
        page = client.get(address(asked)).content.decode()
        assert 'name="no_marketing"' in page
        assert "Kept 180 days after the survey closes." in page
        sent = answer(client, address(asked), {**filled_in(asked.survey), "no_marketing": "on"})
        assert sent.status_code == 302, sent.content.decode()
        kept = SurveyAnswer.objects.all()
        assert len(kept) == 4
        assert {one.collection.surface for one in kept} == {"web.survey"}
        assert {one.subject_id for one in kept} == {asked.order.subject_id}
        assert ConsentEvent.objects.filter(subject=asked.order.subject, state="refused").exists()

    def test_opening_the_link_changes_nothing_and_it_is_answered_once(self, client: Client) -> None:
        asked = invited(survey("order"))
        page = hidden_inputs(client.get(address(asked)))
        assert not SurveyInvitation.objects.exclude(answered_on=None).exists()
        for _ in range(2):
            assert client.post(address(asked), {**page, **filled_in(asked.survey)}).status_code == 302
        assert SurveyAnswer.objects.count() == 4
        assert client.get(address(asked)).status_code == 302

    def test_another_link_opens_nothing(self, client: Client) -> None:
        asked = invited(survey("order"))
        other = survey("order", "another")
        for slug, key in ((asked.survey.slug, uuid.uuid4()), (other.slug, asked.key)):
            assert client.get(reverse("surveys:order", args=[slug, key])).status_code == 404
        assert client.get(asked.survey.get_absolute_url()).status_code == 404, "it is not open for everybody"

    def test_answers_end_with_the_survey_and_with_an_erasure(self, client: Client) -> None:
        asked = invited(survey("order"))
        answer(client, address(asked), filled_in(asked.survey))
        one = SurveyAnswer.objects.first()
        assert one is not None
        assert retention.day_of_death(one) == asked.survey.closes_at + dt.timedelta(days=180)
        erase(asked.order.subject, acted_by=None, why="GDPR Art. 17")
        assert not SurveyAnswer.objects.exists()

    def test_the_database_refuses_an_answer_outside_the_door(self) -> None:
        from privacy.errors import NotCollected

        asked = invited(survey("order"))
        with pytest.raises(NotCollected):
            surveys.answer_about_order(
                asked, {asked.survey.questions.get(kind="text").pk: "x"}, subject=asked.order.subject
            )


@pytest.mark.django_db(transaction=True)
def test_the_same_page_sent_many_times_at_once_is_answered_once() -> None:
    asked = invited(survey("order"))
    page = {**hidden_inputs(Client().get(address(asked))), **filled_in(asked.survey)}
    assert set(_at_once(*[lambda: Client().post(address(asked), page).status_code] * 8)) == {302}
    assert SurveyAnswer.objects.count() == 4


class TestInviting:
    def test_only_who_permitted_it_is_invited_once_with_a_way_out(self) -> None:
        asked, yes, no = survey("order"), order(), order("no@example.com")
        to = permits(yes.subject)
        with collecting(
            surface="web.subscribe",
            subject=no.subject,
            fields=[Subscription.email],
            notice=shown_notice(Subscription.email),
        ):
            Subscription.objects.create(subject=no.subject, email="no@example.com", confirmed_at=timezone.now())
        assert (surveys.invite(asked.pk), surveys.invite(asked.pk)) == (1, 0)
        deliver_due()
        (letter,) = mail.outbox
        assert letter.to == ["mina@example.com"]
        assert address(SurveyInvitation.objects.get()) in letter.body
        assert f"/marketing/leave/{to.token}/" in letter.extra_headers["List-Unsubscribe"]
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    @pytest.mark.parametrize("how", ["withdraw", "box"])
    def test_who_takes_it_back_before_the_letter_leaves_gets_none(self, how: str) -> None:
        asked, about = survey("order"), order()
        permits(about.subject)
        assert surveys.invite(asked.pk) == 1
        if how == "withdraw":
            withdraw(about.subject, method="form")
        else:
            refuse(about.subject, method="form", notice=shown_notice(Subscription.email))
        deliver_due()
        assert mail.outbox == []

    def test_a_no_from_another_spelling_of_the_address_counts(self) -> None:
        asked, about = survey("order"), order()
        permits(about.subject)
        assert surveys.invite(asked.pk) == 1
        suppressing.suppress(["Mina+tea@example.com"], suppressing.Cause.OPT_OUT)
        deliver_due()
        assert mail.outbox == []

    def test_news_are_no_invitations(self) -> None:
        asked, about = survey("order"), order()
        permits(about.subject)
        withdraw(about.subject, [INVITED], method="form")
        words = Notice({"email": Subscription.email}, asks=[Purpose.MARKETING_EMAIL])
        grant(about.subject, Purpose.MARKETING_EMAIL, "email", method="form", notice=words.answered(words.token()))
        assert surveys.invite(asked.pk) == 0


def many(asked: Survey, number: int, **changed: Any) -> None:
    for _ in range(number):
        said = {q.pk: [0] if q.kind != "text" else "Lovely" for q in asked.questions.all()}
        said |= {asked.questions.get(kind=kind).pk: value for kind, value in changed.items()}
        surveys.answer_anonymously(asked, said, ticket=tickets.make(asked))


class TestResults:
    @pytest.mark.parametrize(("number", "told"), [(0, False), (9, False), (10, True)])
    def test_nothing_is_told_of_fewer_than_ten(self, number: int, told: bool) -> None:
        asked = survey()
        many(asked, number, scale=[5], text="SECRET WORDS")
        boss = superuser()
        page = boss.get(reverse("admin:marketing_survey_results", args=[asked.pk])).content.decode()
        file = boss.get(reverse("admin:marketing_survey_csv", args=[asked.pk])).content.decode()
        for shown in (page, file):
            assert ("SECRET WORDS" in shown) == told
        assert ('<svg class="chart"' in page) == told
        assert ("Fewer than 10 answers" in page) != told
        assert ("fewer than 10 answers" in file) != told

    def test_each_question_is_counted_by_itself(self) -> None:
        asked = survey()
        many(asked, 8)
        surveys.answer_anonymously(asked, {asked.questions.get(kind="choice").pk: [1]}, ticket=tickets.make(asked))
        many(asked, 1)
        surveys.answer_anonymously(asked, {asked.questions.get(kind="choice").pk: [1]}, ticket=tickets.make(asked))
        assert [result.enough for result in results.results(asked)] == [True, False, False, False]

    @pytest.mark.parametrize(
        ("counted", "told"),
        [
            ([20, 30, 0], [20, 30, 0]),
            ([20, 30, 1], [None, 30, None]),
            ([20, 1, 2], [20, None, None]),
            ([20, 2], [None, None]),
            ([2], [None]),
        ],
    )
    def test_small_groups_are_hidden_and_cannot_be_worked_out(self, counted: list[int], told: list[int | None]) -> None:
        groups = results._groups([(str(n), number) for n, number in enumerate(counted)])
        assert [group.number for group in groups] == told

    def test_what_buyers_wrote_leaves_no_page_and_no_file(self) -> None:
        asked = survey("order")
        for n in range(10):
            about = order(f"b{n}@example.com")
            one = invited(asked, about)
            fields = [SurveyAnswer.picks, SurveyAnswer.words]
            with collecting(
                surface="web.survey", subject=about.subject, fields=fields, notice=shown_notice(*fields)
            ) as door:
                said = {asked.questions.get(kind="text").pk: "SECRET I am Mina Kim"}
                surveys.answer_about_order(
                    one, said | {asked.questions.get(kind="choice").pk: [0]}, subject=door.subject
                )
        boss = superuser()
        for name in ("results", "csv"):
            shown = boss.get(reverse(f"admin:marketing_survey_{name}", args=[asked.pk])).content.decode()
            assert "SECRET" not in shown
            assert "example.com" not in shown
            assert "K24-" not in shown
            assert "10" in shown
        listed = boss.get(reverse("admin:marketing_surveyanswer_changelist")).content.decode()
        assert "SECRET" not in listed

    def test_the_file_is_no_formula(self) -> None:
        asked = survey()
        many(asked, 10, text="=cmd|' /C calc'!A0")
        assert "'=cmd" in results.as_csv(asked)
        assert ",=cmd" not in results.as_csv(asked)

    def test_results_are_for_staff_who_may(self) -> None:
        page = reverse("admin:marketing_survey_results", args=[survey().pk])
        assert works_as(MARKETER).get(page).status_code == 200
        assert works_as(ORDER_DESK, "orders@example.com").get(page).status_code == 403
        assert Client().get(page).status_code == 302


class TestBuilding:
    def test_questions_stay_as_they_were_asked_once_somebody_answered(self) -> None:
        asked, boss = survey(), superuser()
        page = reverse("admin:marketing_survey_change", args=[asked.pk])
        assert 'name="questions-0-wordings_en"' in boss.get(page).content.decode()
        many(asked, 1)
        after = boss.get(page).content.decode()
        assert 'name="questions-0-wordings_en"' not in after
        assert 'name="kind"' not in after

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "choice", "options": [{"en": "Only one"}]}, "options"),
            ({"kind": "choices", "options": [{"ko": "하나"}, {"ko": "둘"}]}, "options"),
            ({"kind": "choice", "options": "Good"}, "options"),
            ({"kind": "text", "wordings": {"ko": "질문"}}, "wordings"),
        ],
    )
    def test_what_cannot_be_asked_is_told_in_a_sentence(self, given: dict[str, Any], field: str) -> None:
        with pytest.raises(ValidationError) as told:
            Question(**{"wordings": {"en": "What?"}, "options": []} | given).clean()
        assert field in told.value.message_dict
