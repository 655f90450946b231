"""The forms in which staff write surveys and events: a field for each language, and no notation to learn."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.words_field import ChoicesField, WordsField
from marketing.models import Event, Question, Survey


class SurveyForm(forms.ModelForm):
    """What a survey is called and what it is for."""

    titles = WordsField(label=_("Title"), max_length=120)
    intros = WordsField(
        label=_("What it is for"), rows=3, max_length=1000, required=False, help_text=_("Stands above the questions.")
    )

    class Meta:
        model = Survey
        fields = ["titles", "slug", "kind", "intros", "released", "opens_at", "closes_at"]


class QuestionForm(forms.ModelForm):
    """One question. What can be chosen from is a line each, in every language in the same order."""

    wordings = WordsField(label=_("Question"), max_length=300)
    options = ChoicesField(
        label=_("To choose from"),
        required=False,
        help_text=_(
            "One choice a line, in every language in the same order. Empty for a scale and for words of their own."
        ),
    )

    class Meta:
        model = Question
        fields = ["position", "kind", "required", "wordings", "options"]

    def clean(self) -> dict[str, object]:
        values = super().clean() or self.cleaned_data
        if values.get("options") and values.get("kind") in (Question.Kind.SCALE, Question.Kind.TEXT):
            self.add_error(
                "options", _("A scale and words of their own have nothing to choose from. Leave this empty.")
            )
        return values


class EventForm(forms.ModelForm):
    """What takes place and where, as guests read it."""

    # A guest's name and address are asked for on the store's own page, never here.
    not_collected: ClassVar = {"venues": "Where an event takes place, for everybody to read."}

    titles = WordsField(label=_("Title"), max_length=120)
    texts = WordsField(label=_("Description"), rows=5, max_length=5000, required=False)
    venues = WordsField(label=_("Where"), max_length=200, required=False, help_text=_("As on a sign."))

    class Meta:
        model = Event
        fields = ["titles", "slug", "texts", "venues", "starts_at", "ends_at", "closes_at", "capacity", "state"]
