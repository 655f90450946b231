"""What staff fill in at the desk: a check of identity, a letter, an end."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.internal.desk import states
from privacy.models import Reply, Subject
from privacy.models.request import ExtensionReason, RequestKind, RequestReason, RequestState
from privacy.models.verification import Identifier, Seen
from privacy.redaction import redact

_CHOOSE = ("", "---------")


class SortForm(forms.Form):
    """What a letter asks for, as whoever read it says."""

    kind = forms.ChoiceField(label=_("It asks for"), choices=RequestKind.choices)


class CheckForm(forms.Form):
    """How staff convinced themselves. There is no place for a copy of a document, and none is wanted."""

    seen = forms.ChoiceField(label=_("What did you see?"), choices=[_CHOOSE, *Seen.choices])
    identifier = forms.ChoiceField(
        label=_("That proves"),
        choices=[(value, label) for value, label in Identifier.choices if value in ("person", "phone")],
    )
    person = forms.ChoiceField(label=_("Of whom"))
    remark = forms.CharField(
        label=_("Remark"),
        max_length=200,
        required=False,
        help_text=_("No value of the person, and no number of a document."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]

    def clean_remark(self) -> str:
        remark = " ".join(self.cleaned_data["remark"].split())
        if redact(remark) != remark:
            raise forms.ValidationError(_("An address or a number stands in it. Say only what you saw."))
        return remark

    @property
    def subject(self) -> Subject:
        """Whom the check is about, once the form is valid."""
        return Subject.objects.get(pk=self.cleaned_data["person"])


class ComposeForm(forms.Form):
    """A letter to the person before it leaves."""

    not_collected: ClassVar = {
        "heading": "What the desk writes enters by the door of the staff, with the case as its source.",
        "body": "The same.",
    }

    heading = forms.CharField(label=_("Subject"), max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"}))
    body = forms.CharField(
        label=_("Text"), max_length=10000, widget=forms.Textarea(attrs={"rows": 16, "class": "vLargeTextField"})
    )
    template = forms.CharField(widget=forms.HiddenInput, required=False)
    why = forms.ChoiceField(choices=[_CHOOSE, *ExtensionReason.choices], required=False, widget=forms.HiddenInput)


class NoteForm(forms.Form):
    """A note for the next member of staff."""

    not_collected: ClassVar = {"body": "It enters by the door of the staff, with the case as its source."}

    body = forms.CharField(
        label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})
    )


class PostedForm(forms.Form):
    """On which day a letter on paper went to the post."""

    day = forms.DateField(label=_("Posted on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, reply: Reply, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reply = reply
        first, today = timezone.localdate(reply.written_at), timezone.localdate()
        self.initial.setdefault("day", today)
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": today.isoformat()}
        self.fields["day"].widget.attrs["id"] = f"posted-{reply.pk}"

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if not timezone.localdate(self._reply.written_at) <= day <= timezone.localdate():
            raise forms.ValidationError(
                _("Choose the day on which it went to the post: not before it was written, and not in the future.")
            )
        return day


class EndForm(forms.Form):
    """How a case ends, and what the person is told of it."""

    not_collected: ClassVar = {"words": "What the desk adds to its letter, which enters by the door of the staff."}

    state = forms.ChoiceField(
        label=_("End it as"),
        choices=[(s.value, s.label) for s in RequestState if s in states.ENDED and s is not RequestState.REVOKED],
    )
    reason = forms.ChoiceField(
        label=_("Reason, when denied"),
        required=False,
        choices=[_CHOOSE, *[(r.value, r.label) for r in RequestReason if r in states.REASONS[RequestState.DENIED]]],
    )
    words = forms.CharField(
        label=_("Your own words to the person"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("They stand in the letter that tells the outcome."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        state, reason = cleaned.get("state"), cleaned.get("reason", "")
        if state == RequestState.DENIED and not reason:
            self.add_error("reason", _("Say why; the person is told."))
        elif state == RequestState.DENIED and reason == RequestReason.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Another reason has to be told in your own words."))
        elif state and state != RequestState.DENIED:
            cleaned["reason"] = ""
        return cleaned
