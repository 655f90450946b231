"""collect.survey: what people answer in surveys comes in by one point, for one purpose, or is nobody's from the start."""

from __future__ import annotations

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from marketing.models import AnonymousAnswer, SurveyAnswer, SurveyInvitation
from privacy.declaration import Category, Origin, declaration_of, personal_fields
from privacy.errors import NotCollected, NotDisclosed
from privacy.gate import collecting, disclose
from privacy.internal import policy
from privacy.models import Subject
from tests.marketing.conftest import event, guest
from tests.marketing.test_surveys import address, filled_in, invited, order, survey
from tests.support.pages import answer
from tests.support.people import shown_notice

pytestmark = pytest.mark.django_db

FIELDS = [SurveyAnswer.picks, SurveyAnswer.words]


def test_the_policy_states_what_surveys_ask_and_what_for() -> None:
    stated = [s for s in policy.current().statements if s.category == Category.SURVEY_RESPONSE]
    assert [(s.clause, s.purposes, s.retention) for s in stated] == [
        ("collect.survey", {"functional.service.improve"}, {"survey"})
    ]
    assert policy.current().legal_basis("functional.service.improve") == "consent"
    declared = [
        field
        for model in apps.get_models()
        for field in personal_fields(model)
        if declaration_of(field).category == Category.SURVEY_RESPONSE
    ]
    assert {field.model for field in declared} == {SurveyAnswer}


def test_an_answer_comes_in_by_its_point_and_covers_exactly_what_was_said(client: Client) -> None:
    asked = invited(survey("order"))
    assert answer(client, address(asked), filled_in(asked.survey)).status_code == 302
    collection = SurveyAnswer.objects.first().collection
    assert collection.surface == "web.survey"
    assert collection.notice_digest
    assert set(collection.fields) == {"marketing_surveyanswer.picks", "marketing_surveyanswer.words"}
    assert len(personal_fields(SurveyAnswer, origin=Origin.PERSON)) == 2


def test_by_no_other_way_not_even_by_sql() -> None:
    asked, about = survey("order"), order()
    one = SurveyInvitation.objects.create(survey=asked, order=about)
    question = asked.questions.first()
    with pytest.raises(NotCollected):
        SurveyAnswer.objects.create(question=question, invitation=one, subject=about.subject, words="x")
    with pytest.raises(IntegrityError, match="privacy gate"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO marketing_surveyanswer (question_id, invitation_id, subject_id, collection_id, picks, words)"
            " VALUES (%s, %s, %s, %s, '{1}', 'x')",
            [question.pk, one.pk, about.subject_id, uuid.uuid4()],
        )


def test_an_answer_goes_to_nobody(client: Client) -> None:
    asked = invited(survey("order"))
    answer(client, address(asked), filled_in(asked.survey))
    for recipient in policy.current().recipients:
        for purpose in policy.current().purposes:
            with pytest.raises(NotDisclosed):
                disclose(SurveyAnswer.objects.first(), to=recipient, purpose=purpose)


def test_an_anonymous_answer_has_no_way_to_a_person() -> None:
    """Walk every link from it, as far as links lead: no table on the way is about anybody."""
    reached, open_ = set(), [AnonymousAnswer]
    while open_:
        model = open_.pop()
        if model in reached:
            continue
        reached.add(model)
        assert not personal_fields(model), model
        assert model is not Subject
        open_ += [f.related_model for f in model._meta.concrete_fields if f.is_relation]
    assert not any(f.get_internal_type() in ("DateTimeField", "TimeField") for f in AnonymousAnswer._meta.fields)
    assert AnonymousAnswer.no_personal_data


def test_an_event_asks_by_a_point_of_its_own() -> None:
    """Clause collect.sources: events and promotions."""
    one = guest(event())
    assert one.collection.surface == "web.event"
    assert policy.current().surfaces["web.event"].shows_notice


def test_no_purpose_but_the_stated_one_opens_the_door() -> None:
    with (
        pytest.raises(NotCollected, match="no collection point"),
        collecting(surface="web.poll", subject=Subject(), fields=FIELDS, notice=shown_notice(*FIELDS)),
    ):
        pytest.fail("The door opened.")
