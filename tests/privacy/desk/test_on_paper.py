"""Who writes on paper is answered on paper, in their language, and the case says who posted the letter and when."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail as sent
from django.urls import reverse
from django.utils import timezone

from accounts.domain import roles
from privacy.internal.desk import cases, corresponding, receiving
from privacy.models import CaseStep, Reply
from privacy.models.request import RequestState
from privacy.outbox import deliver_due
from tests.support.staff import works_as

pytestmark = pytest.mark.django_db


def on_paper(body="Please correct my name, it is wrong.", locale="en", received_at=None):
    told = receiving.Told(
        by_post=True, received_at=received_at or timezone.now(), sender="", heading="Mina", body=body, locale=locale
    )
    case = receiving.receive_told(told, staff=None)
    deliver_due()
    return case


def press(staff, case, **said):
    page = reverse("admin:privacy_rightsrequest_act", args=[case.pk])
    return staff.post(page, {"do": "posted", **said}, follow=True).content.decode()


def test_a_letter_without_an_address_is_acknowledged_and_answered_on_paper():
    case = on_paper()
    cases.close(case, RequestState.DENIED, staff=None, reason="no_match")
    deliver_due()
    letters = corresponding.goes_by_post(case)
    assert [letter.template for letter in letters] == ["acknowledge", "answer"]
    assert all(letter.sent_at is None for letter in letters)
    assert sent.outbox == []


def test_staff_say_on_which_day_it_was_posted_and_the_case_keeps_who_and_when():
    case = on_paper()
    staff = works_as(roles.PRIVACY_OFFICER)
    (letter,) = corresponding.goes_by_post(case)
    page = staff.get(reverse("admin:privacy_rightsrequest_change", args=[case.pk])).content.decode()
    assert "Letters on paper" in page
    assert 'type="date"' in page
    shown = press(staff, case, letter=letter.pk, day=timezone.localdate().isoformat())
    assert "Noted. The letter is in the case as posted." in shown
    assert "posted on" in shown
    letter.refresh_from_db()
    assert timezone.localdate(letter.sent_at) == timezone.localdate()
    step = CaseStep.objects.get(request=case, kind="posted")
    assert step.detail == timezone.localdate().isoformat()
    assert step.by is not None
    # Once.
    assert "It was posted already." in press(staff, case, letter=letter.pk, day=timezone.localdate().isoformat())
    assert CaseStep.objects.filter(kind="posted").count() == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_before_it_was_written_or_in_the_future_is_refused(days):
    case = on_paper()
    (letter,) = corresponding.goes_by_post(case)
    day = timezone.localdate() + dt.timedelta(days=days)
    assert "Choose the day on which it went to the post" in press(
        works_as(roles.PRIVACY_OFFICER), case, letter=letter.pk, day=day.isoformat()
    )
    letter.refresh_from_db()
    assert letter.sent_at is None


def test_a_letter_by_mail_cannot_be_posted():
    told = receiving.Told(
        by_post=True, received_at=timezone.now(), sender="mina@example.com", heading="", body="Hello", locale="en"
    )
    case = receiving.receive_told(told, staff=None)
    deliver_due()
    letter = Reply.objects.get(request=case)
    shown = press(works_as(roles.PRIVACY_OFFICER), case, letter=letter.pk, day=timezone.localdate().isoformat())
    assert "There is no such letter on paper." in shown
    assert not CaseStep.objects.filter(kind="posted").exists()


def test_the_answer_that_ends_a_case_is_posted_after_its_end():
    case = on_paper()
    cases.close(case, RequestState.DENIED, staff=None, reason="no_match")
    answer = corresponding.goes_by_post(case)[-1]
    shown = press(works_as(roles.PRIVACY_OFFICER), case, letter=answer.pk, day=timezone.localdate().isoformat())
    assert "Noted. The letter is in the case as posted." in shown


def words_of(texts, path=""):
    for name, value in texts.items():
        yield from words_of(value, f"{path}{name}.") if isinstance(value, dict) else [(f"{path}{name}", value)]


@pytest.mark.parametrize("locale", corresponding.locales("stopped"))
def test_every_letter_stands_in_every_language_in_which_a_stop_does(locale):
    assert len(corresponding.locales("stopped")) == 13
    english, theirs = (dict(words_of(corresponding.texts(code))) for code in ("en", locale))
    assert set(english) == set(theirs)
    for name, text in theirs.items():
        # The same places to be filled in, and no sentence left in English.
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name
        assert locale == "en" or not text.strip("\n -") or text != english[name], name


@pytest.mark.parametrize(
    ("locale", "acknowledged", "answered"),
    [
        ("it", "Abbiamo ricevuto la Sua richiesta", "Con i dati che ha indicato"),
        ("nl", "Wij hebben uw verzoek", "bewaren wij niets over u"),
        ("pl", "Otrzymaliśmy wniosek", "nie przechowujemy niczego"),
        ("pt", "Recebemos o seu pedido", "não guardamos nada sobre si"),
        ("ru", "Мы получили Ваш запрос", "мы ничего о Вас не храним"),
        ("zh-hant", "收到您的請求", "沒有保存關於您的內容"),
    ],
)
def test_who_writes_in_another_language_is_acknowledged_and_answered_in_it(locale, acknowledged, answered):
    case = on_paper(locale=locale)
    cases.close(case, RequestState.DENIED, staff=None, reason="no_match")
    first, last = corresponding.goes_by_post(case)
    assert (first.locale, last.locale) == (locale, locale)
    assert acknowledged in first.body
    assert answered in last.body
    assert "{" not in first.heading + first.body + last.heading + last.body
