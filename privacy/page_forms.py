"""The forms of the privacy pages: write to the desk, and choose what may be sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.forms import PersonalForm
from privacy.models import RequestMessage
from privacy.models.request import RequestKind

ASKABLE = [
    (RequestKind.RECTIFICATION, _("Correct something that is wrong or missing")),
    (RequestKind.ACCESS, _("Send me a copy of everything you hold about me")),
    (RequestKind.ERASURE, _("Erase what you hold about me")),
    (RequestKind.WITHDRAW, _("Stop direct marketing")),
    (RequestKind.OBJECT, _("Object to a use of my data")),
    (RequestKind.COMPLAINT, _("Complain")),
]


class RequestForm(PersonalForm):
    """A letter to the privacy desk, typed on the page."""

    surface = "web.privacy_request"
    collects = {"sender": RequestMessage.sender, "body": RequestMessage.body}

    kind = forms.ChoiceField(label=_("What is it about?"), choices=ASKABLE)
    sender = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    body = forms.CharField(label=_("Your request"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))


class ChoicesForm(forms.Form):
    """What a person permits, as it stands and as they wish it. Nothing is ticked that was not permitted before."""

    def __init__(self, *args: Any, questions: list[tuple[str, str, str]], given: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for name, _purpose, words in questions:
            self.fields[name] = forms.BooleanField(label=words, required=False, initial=name in given)
        self.fields["notice"] = forms.CharField(widget=forms.HiddenInput, required=False)
