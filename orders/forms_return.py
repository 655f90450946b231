"""The form by which a buyer gives goods back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.domain import returns
from orders.models import Order, ReturnNote, ReturnRequest
from privacy.forms import PersonalForm
from privacy.photographs import PhotographsField


class ReturnForm(PersonalForm):
    """Pieces, a reason, words and photographs."""

    surface = "web.return"
    collects = {
        "words": ReturnNote.words,
        "photographs": ReturnNote.photograph_1,
    }

    reason = forms.ChoiceField(label=_("Why do you give it back?"), choices=ReturnRequest.Reason.choices)
    words = forms.CharField(
        label=_("What happened?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    photographs = PhotographsField(
        label=_("Photographs"),
        most=returns.MOST_PHOTOGRAPHS,
        required=False,
        help_text=_("Up to three. Place, time and device are taken out before we keep them."),
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        self._can = returns.returnable(order)
        self._lines = {line.pk: line for line in order.lines.all() if line.pk in self._can}
        super().__init__(*args, **kwargs)
        for pk, line in self._lines.items():
            self.fields[f"line_{pk}"] = forms.IntegerField(
                label=f"{line.name} {line.options}".strip(),
                min_value=0,
                max_value=self._can[pk],
                initial=0,
                required=False,
                help_text=_("at most %(number)s") % {"number": self._can[pk]},
            )
        self.order_fields([f"line_{pk}" for pk in self._lines] + ["reason", "words", "photographs"])

    @property
    def has_lines(self) -> bool:
        """Whether anything can be given back."""
        return bool(self._lines)

    def pieces(self) -> Mapping[int, int]:
        """How many pieces of each line."""
        return {pk: self.cleaned_data.get(f"line_{pk}") or 0 for pk in self._lines}

    def collecting(self, request: Any, *, subject: Any = None) -> Any:
        """The door covers all three places of a photograph."""
        self.notice_shown.fields = {
            **self.notice_shown.fields,
            "photograph_2": ReturnNote.photograph_2,
            "photograph_3": ReturnNote.photograph_3,
        }
        return super().collecting(request, subject=subject)
