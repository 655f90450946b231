"""The forms by which a buyer gives goods back, and by which staff decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

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


class ReturnStepForm(forms.Form):
    """One step of staff with one return: the fields and the buttons are those that may follow where it stands."""

    not_collected: ClassVar = dict.fromkeys(
        ("step", "fit", "amount"), "A choice, lines that are fit for sale and a sum; they say nothing of anybody."
    )

    step = forms.ChoiceField(widget=forms.HiddenInput)
    fit = forms.MultipleChoiceField(
        label=_("What is fit for sale goes back on the shelf"), required=False, widget=forms.CheckboxSelectMultiple
    )
    amount = forms.DecimalField(
        label=_("How much goes back; 0 closes the return without money"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal(0),
    )

    def __init__(self, row: ReturnRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.steps = _steps(row)
        self.fields["step"].choices = self.steps
        self.fields["fit"].choices = [
            (str(found.line_id), f"{found.quantity} × {found.line.name}") for found in row.lines.select_related("line")
        ]
        names = [name for name, _label in self.steps]
        if "receive" not in names:
            del self.fields["fit"]
        if "pay_back" in names:
            self.fields["amount"].initial = returns.worth(row)
        else:
            del self.fields["amount"]

    @property
    def pays(self) -> bool:
        """Whether the step gives money back."""
        return self.cleaned_data["step"] in ("receive", "pay_back")

    def take(self, *, by: Any) -> None:
        """Do it, by the domain's own function. Raises `CannotReturn` and `CannotRefund`."""
        said, pk = self.cleaned_data, self.row.pk
        if said["step"] == "agree":
            returns.agree(pk, by=by)
        elif said["step"] == "decline":
            returns.decline(pk, by=by)
        elif said["step"] == "receive":
            returns.receive(pk, by=by, fit_for_sale=map(int, said["fit"]))
        else:
            returns.pay_back(pk, said["amount"], by=by)


def _steps(row: ReturnRequest) -> list[tuple[str, Any]]:
    decline = ("decline", _("Decline"))
    if row.state == ReturnRequest.State.ASKED:
        return [("agree", _("Agree: the buyer may send it")), decline]
    if row.state == ReturnRequest.State.AGREED:
        return [("receive", _("The goods are here: give the money back")), decline]
    return [("pay_back", _("Give back"))] if returns.undecided(row) else []
