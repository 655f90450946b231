"""Staff write in a field for each language; what is wrong is said in their words, and nothing typed is lost."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from catalogue.words_field import ChoicesField, WordsField
from marketing.domain import surveys, tickets
from marketing.models import Event, Survey
from tests.marketing.test_surveys import survey
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db


def split(name: str, when: dt.datetime) -> dict[str, str]:
    return {f"{name}_0": f"{when:%Y-%m-%d}", f"{name}_1": f"{when:%H:%M:%S}"}


def survey_values(**changed: str) -> dict[str, str]:
    now = timezone.localtime()
    return {
        "titles_en": "How was it?",
        "titles_ko": "어떠셨나요?",
        "slug": "how",
        "kind": "anonymous",
        **split("opens_at", now),
        **split("closes_at", now + dt.timedelta(days=9)),
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        "questions-0-position": "0",
        "questions-0-kind": "choice",
        "questions-0-required": "on",
        "questions-0-wordings_en": "The parcel?",
        "questions-0-wordings_ko": "배송은요?",
        "questions-0-options_en": "Good\nBad",
        "questions-0-options_ko": "좋음\n나쁨",
        **changed,
    }


def add_survey(**changed):
    return superuser().post(reverse("admin:marketing_survey_add"), survey_values(**changed))


def test_a_survey_is_written_without_any_notation():
    assert add_survey().status_code == 302
    made = Survey.objects.get()
    assert made.titles == {"en": "How was it?", "ko": "어떠셨나요?"}
    question = made.questions.get()
    assert question.wordings == {"en": "The parcel?", "ko": "배송은요?"}
    assert question.options == [{"en": "Good", "ko": "좋음"}, {"en": "Bad", "ko": "나쁨"}]
    assert question.required


def test_its_page_shows_an_input_for_each_language_and_no_notation():
    page = superuser().get(reverse("admin:marketing_survey_change", args=[survey().pk])).content.decode()
    assert page.count(">한국어</label>") >= 3
    assert "어떠셨나요?" in page
    assert "Good\nBad" in page
    assert "{&quot;en" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"titles_en": ""}, "Write it in English too"),
        ({"titles_en": "", "titles_ko": ""}, "required"),
        ({"questions-0-options_ko": "좋음"}, "한국어 has 1 lines and English 2"),
        ({"questions-0-options_en": "Good", "questions-0-options_ko": ""}, "at least two to choose from"),
        ({"questions-0-kind": "scale"}, "have nothing to choose from"),
        ({"questions-0-wordings_en": ""}, "Write it in English too"),
    ],
)
def test_a_mistake_is_named_and_everything_typed_is_still_there(changed, said):
    page = add_survey(**changed)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert "배송은요?" in page.content.decode()
    assert not Survey.objects.exists()


def test_questions_that_were_answered_are_read_without_any_notation():
    made = survey()
    surveys.answer_anonymously(made, {made.questions.get(kind="choice").pk: [0]}, ticket=tickets.make(made))
    page = superuser().get(reverse("admin:marketing_survey_change", args=[made.pk])).content.decode()
    assert "질문 choice" in page
    assert "<br>Good<br>Bad" in page
    assert "{&quot;en" not in page


def test_what_is_not_touched_is_not_changed():
    for field, stored in (
        (WordsField(), {"en": "Tea", "ja": "茶"}),
        (ChoicesField(), [{"en": "Good", "ko": "좋음"}, {"en": "Bad", "ko": "나쁨"}]),
    ):
        typed = field.widget.decompress(field.prepare_value(stored))
        assert not field.has_changed(stored, typed)
        assert field.clean(typed) == stored


def test_an_event_is_written_the_same_way():
    begins = timezone.localtime() + dt.timedelta(days=3)
    values = {
        "titles_en": "Tea tasting",
        "titles_ja": "お茶会",
        "slug": "tasting",
        "texts_en": "Come and taste.",
        "venues_en": "Seoul",
        **split("starts_at", begins),
        **split("ends_at", begins + dt.timedelta(hours=2)),
        "capacity": "5",
        "state": "open",
    }
    browser = superuser()
    assert browser.post(reverse("admin:marketing_event_add"), values).status_code == 302
    made = Event.objects.get()
    assert made.titles == {"en": "Tea tasting", "ja": "お茶会"}
    assert made.texts == {"en": "Come and taste."}
    page = browser.post(reverse("admin:marketing_event_change", args=[made.pk]), {**values, "titles_en": ""})
    assert "Write it in English too" in page.content.decode()
    made.refresh_from_db()
    assert made.titles["en"] == "Tea tasting"
