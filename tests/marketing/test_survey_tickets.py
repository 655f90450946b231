"""A survey is answered once for each sheet or letter, and nobody is known by it."""

import re
from collections import Counter

import pytest
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse

from marketing.domain import surveys, tickets
from marketing.models import AnonymousAnswer, SpentTicket, Survey
from privacy.models import Effect
from privacy.outbox import deliver_due
from privacy.permission import withdraw
from tests.marketing.test_surveys import filled_in, survey
from tests.orders.test_race import _at_once
from tests.support.pages import answer, hidden_inputs
from tests.support.readers import reader
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db

ASKED = "marketing.communications.survey"


def answers() -> int:
    return AnonymousAnswer.objects.filter(question__kind="scale").count()


class TestSheet:
    def test_the_same_page_sent_twice_counts_once_and_is_thanked_for_twice(self, client):
        asked = survey()
        sheet = {**hidden_inputs(client.get(asked.get_absolute_url())), **filled_in(asked)}
        for _time in range(2):
            assert client.post(asked.get_absolute_url(), sheet).status_code == 302
        assert answers() == 1

    def test_a_sheet_without_its_ticket_or_with_anothers_is_not_counted_and_loses_nothing(self, client):
        asked, other = survey(), survey(slug="another")
        for ticket in ("", "made up", tickets.make(other)):
            page = client.post(asked.get_absolute_url(), {"ticket": ticket, **filled_in(asked)})
            assert page.status_code == 422
            assert "Lovely tea" in page.content.decode()
            assert tickets.is_genuine(asked, hidden_inputs(page)["ticket"])
        assert answers() == 0

    def test_what_is_kept_of_a_ticket_names_no_answer_and_no_time(self, client):
        asked = survey()
        answer(client, asked.get_absolute_url(), filled_in(asked))
        assert {f.name for f in SpentTicket._meta.get_fields()} == {"digest", "survey"}
        fields = (*SpentTicket._meta.get_fields(), *AnonymousAnswer._meta.get_fields())
        assert not [f for f in fields if isinstance(f, models.DateTimeField)]
        assert set(client.cookies) <= {"csrftoken"}

    def test_the_staff_read_how_far_the_numbers_can_be_trusted(self):
        page = superuser().get(reverse("admin:marketing_survey_results", args=[survey().pk])).content.decode()
        assert "can answer again" in page


@pytest.mark.django_db(transaction=True)
def test_two_who_send_one_sheet_at_the_same_moment_are_counted_once():
    asked = survey()
    ticket = tickets.make(asked)
    said = {question.pk: [1] for question in asked.questions.filter(kind="scale")}

    def send(_number: int) -> str:
        try:
            surveys.answer_anonymously(asked, said, ticket=ticket)
        except surveys.AnsweredBefore:
            return "before"
        return "counted"

    assert Counter(_at_once(*[lambda n=n: send(n) for n in range(4)])) == {"counted": 1, "before": 3}
    assert answers() == 1


class TestLetter:
    @pytest.fixture
    def asked(self) -> Survey:
        return survey("invited")

    def path(self) -> str:
        return re.search(r"http://[^/]+(/\S*surveys/\S+)", mail.outbox[-1].body)[1]

    def test_goes_to_those_who_permitted_it_once_each(self, asked):
        reader("yes@example.com", permits=[ASKED])
        reader("news@example.com")
        left = reader("left@example.com", permits=[ASKED])
        assert surveys.invite(asked.pk) == 2
        withdraw(left.subject, method="form")
        deliver_due()
        assert [m.to for m in mail.outbox] == [["yes@example.com"]]
        assert surveys.invite(asked.pk) == 0
        assert "anonymous" in mail.outbox[0].body

    def test_its_link_counts_once_and_opening_it_counts_nothing(self, asked, client):
        reader("yes@example.com", permits=[ASKED])
        surveys.invite(asked.pk)
        deliver_due()
        page = self.path()
        for _time in range(2):
            assert client.get(page).status_code == 200
        assert not SpentTicket.objects.exists()
        assert answer(client, page, filled_in(asked)).status_code == 302
        assert client.get(page).status_code == 302
        assert Client().post(page, filled_in(asked)).status_code == 302
        assert answers() == 1

    def test_nothing_that_is_kept_says_whose_ticket_it_was(self, asked, client):
        reader("yes@example.com", permits=[ASKED])
        surveys.invite(asked.pk)
        deliver_due()
        ticket = self.path().rstrip("/").rpartition("/")[2]
        answer(client, self.path(), filled_in(asked))
        assert ticket not in str(list(Effect.objects.values()))
        assert bytes(SpentTicket.objects.get().digest) == tickets._digest(ticket)

    @pytest.mark.parametrize("ticket", ["1-abc.def", "x"])
    def test_a_link_that_was_made_up_leads_nowhere(self, asked, client, ticket):
        assert client.get(reverse("surveys:invited", args=[asked.slug, ticket])).status_code == 404

    def test_it_cannot_be_answered_without_a_letter(self, asked, client):
        assert client.get(asked.get_absolute_url()).status_code == 404
