"""What staff are asked before they see a person's values: what for, in words that the person will read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.internal.looking import Why
from privacy.models import Look
from privacy.redaction import redact

SHORTEST = 10  # characters
_FEWEST_SIGNS = 5


class ReasonForm(forms.Form):
    """The reason for a look. It is evidence and outlives what was seen, so no value may stand in it."""

    category = forms.ChoiceField(label=_("What for"), choices=[("", "---------"), *Look.Category.choices])
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("For example the number of the case or of the order. The person reads this; name no value in it."),
    )

    def clean_reason(self) -> str:
        reason = " ".join(self.cleaned_data["reason"].split())
        if len(reason) < SHORTEST or len({c for c in reason.casefold() if c.isalnum()}) < _FEWEST_SIGNS:
            raise forms.ValidationError(_("Say in a few words why you need to see it."))
        if redact(reason) != reason:
            raise forms.ValidationError(
                _("An address, a number or a link stands in it. Name the case or the order instead.")
            )
        return reason

    def names(self, values: Iterable[Any]) -> bool:
        """Whether one of these values stands in the reason; the form then says so."""
        written = self.cleaned_data["reason"].casefold()
        if not any(len(text) > 2 and text in written for text in (str(v or "").casefold() for v in values)):
            return False
        self.add_error("reason", _("A value of the person stands in it. Name the case or the order instead."))
        return True

    @property
    def why(self) -> Why:
        """The reason, once the form is valid."""
        return Why(self.cleaned_data["category"], self.cleaned_data["reason"])


class FindForm(ReasonForm):
    """Whom staff look for, and what for."""

    not_collected: ClassVar = {"wanted": "Staff type what they look for; it is compared and kept nowhere."}

    wanted = forms.CharField(
        label=_("E-mail address, phone number or name"),
        min_length=2,
        max_length=254,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("An address is found by the whole of it, a number by its end, a name by a part of it."),
    )

    field_order = ["wanted", "category", "reason"]
