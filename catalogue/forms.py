"""The form by which a buyer says, and shows, what a product is like."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from catalogue.domain.reviews import LONGEST_DESCRIPTION, MOST_PHOTOGRAPHS
from catalogue.models import Review, ReviewPhotograph
from privacy.forms import PersonalForm
from privacy.photographs import PhotographsField

STARS = [
    (5, _("5, could not be better")),
    (4, _("4, good")),
    (3, _("3, as expected")),
    (2, _("2, could be better")),
    (1, _("1, would not buy it again")),
]


def lines_of(text: str) -> list[str]:
    """What stands in each line; an empty line in between is a photograph without words."""
    return [line.strip() for line in text.splitlines()]


def refuse_long_lines(text: str) -> None:
    """One line for each photograph, none longer than what is kept."""
    lines = lines_of(text)
    if len(lines) > MOST_PHOTOGRAPHS:
        raise forms.ValidationError(
            ngettext_lazy(
                "Please write at most %(most)s line.", "Please write at most %(most)s lines.", MOST_PHOTOGRAPHS
            )
            % {"most": MOST_PHOTOGRAPHS},
            code="too_many",
        )
    if any(len(line) > LONGEST_DESCRIPTION for line in lines):
        raise forms.ValidationError(
            _("Please use at most %(most)s signs in a line."), params={"most": LONGEST_DESCRIPTION}, code="max_length"
        )


class ReviewForm(PersonalForm):
    """Stars, words and photographs. Of the name, the first and an initial are shown."""

    surface = "web.review"
    collects = {
        "author_name": Review.author_name,
        "title": Review.title,
        "body": Review.body,
        "photographs": ReviewPhotograph.jpeg,
        "shows": ReviewPhotograph.shows,
    }

    rating = forms.TypedChoiceField(label=_("How many stars?"), choices=STARS, coerce=int, widget=forms.RadioSelect)
    title = forms.CharField(label=_("In a few words"), max_length=200, required=False)
    body = forms.CharField(label=_("Your review"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    author_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Shown as “Mina K.”: the first name and an initial."),
    )
    photographs = PhotographsField(label=_("Photographs"), most=MOST_PHOTOGRAPHS, required=False)
    shows = forms.CharField(
        label=_("What do the photographs show?"),
        required=False,
        max_length=MOST_PHOTOGRAPHS * (LONGEST_DESCRIPTION + 2),
        validators=[refuse_long_lines],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A line for each, in their order, for those who cannot see them."),
    )

    def review(self) -> dict[str, object]:
        """The answers as `reviews.write` takes them."""
        said = self.cleaned_data
        return {
            **{name: said[name] for name in ("author_name", "rating", "title", "body", "photographs")},
            "shows": lines_of(said["shows"]),
        }
