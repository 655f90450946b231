"""The forms of surveys, made from their questions: one for everybody, which asks for nobody, and one about an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketing.domain import tickets
from marketing.models import Question, Survey, SurveyAnswer
from privacy.cards import REFUSAL_OF_PARTS, fields_of_one_card_number, refuse_card_number
from privacy.forms import PersonalForm

if TYPE_CHECKING:
    from django.http import QueryDict


def _field(question: Question, language: str | None) -> forms.Field:
    given: dict[str, Any] = {"label": question.wording(language), "required": question.required}
    if question.kind == Question.Kind.TEXT:
        words = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(max_length=2000, widget=words, validators=[refuse_card_number], **given)
    choices = question.choices(language)
    if question.kind == Question.Kind.CHOICES:
        return forms.TypedMultipleChoiceField(
            coerce=int, choices=choices, widget=forms.CheckboxSelectMultiple, empty_value=[], **given
        )
    attrs = {}
    if question.kind == Question.Kind.SCALE:
        given["help_text"], attrs = _("1 is not at all, 5 is very much."), {"class": "survey-scale"}
    widget = forms.RadioSelect(attrs=attrs)
    return forms.TypedChoiceField(coerce=int, choices=choices, widget=widget, empty_value=None, **given)


class _Asks:
    """A form whose fields are the questions of a survey."""

    questions: dict[str, Question]
    cleaned_data: dict[str, Any]

    def _make(self, survey: Survey) -> dict[str, forms.Field]:
        language = get_language()
        self.questions = {f"question_{question.pk}": question for question in survey.questions.all()}
        return {name: _field(question, language) for name, question in self.questions.items()}

    def said(self) -> dict[int, list[int] | str]:
        """What a valid form answers, by question."""
        answers: dict[int, list[int] | str] = {}
        for name, question in self.questions.items():
            value = self.cleaned_data.get(name)
            if value not in (None, "", []):
                answers[question.pk] = [value] if isinstance(value, int) else value
        return answers

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data  # type: ignore[misc]
        for name in fields_of_one_card_number([(name, said.get(name)) for name in self.questions]):
            self.add_error(name, forms.ValidationError(REFUSAL_OF_PARTS, code="card_number"))  # type: ignore[attr-defined]
        if not self.errors and not self.said():  # type: ignore[attr-defined]
            raise forms.ValidationError(_("Please answer at least one question."), code="empty")
        return said


class AnonymousSurveyForm(_Asks, forms.Form):
    """Asks whoever likes to answer. There is no box against marketing: nobody is known to whom it could apply."""

    # What makes the sheet count once. Nobody is known by it: a page that is opened anew has a new one.
    ticket = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, survey: Survey, **more: Any) -> None:
        self.survey = survey
        self.base_fields = {**self._make(survey), **type(self).base_fields}
        super().__init__(*args, **more)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == "ticket":
            return tickets.make(self.survey)
        return super().get_initial_for_field(field, field_name)

    def clean_ticket(self) -> str:
        ticket = self.cleaned_data["ticket"]
        if not tickets.is_genuine(self.survey, ticket):
            # The page that goes out with this error has a sheet that counts.
            answers = cast("QueryDict | dict[str, Any]", self.data).copy()
            answers[self.add_prefix("ticket")] = tickets.make(self.survey)
            self.data = answers
            raise forms.ValidationError(
                _("This sheet was damaged on its way. Please send it once more."), code="ticket"
            )
        return ticket


class InvitedSurveyForm(_Asks, forms.Form):
    """The same behind a letter of invitation, whose link is the ticket."""

    def __init__(self, *args: Any, survey: Survey, **more: Any) -> None:
        self.base_fields = self._make(survey)
        super().__init__(*args, **more)


class OrderSurveyForm(_Asks, PersonalForm):
    """Asks the buyer of an order, with the notice beside each question."""

    surface = "web.survey"
    collects = {"picks": SurveyAnswer.picks, "words": SurveyAnswer.words}

    def __init__(self, *args: Any, survey: Survey, **more: Any) -> None:
        self.base_fields = {**self._make(survey), **type(self).base_fields}
        self.collects = {
            name: SurveyAnswer.words if question.kind == Question.Kind.TEXT else SurveyAnswer.picks
            for name, question in self.questions.items()
        }
        super().__init__(*args, **more)
