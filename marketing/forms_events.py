"""The forms of events: to register, and to send photographs afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketing.models import EventPhotograph, EventRegistration
from privacy.forms import PersonalForm
from privacy.photographs import LARGEST, NotAPhotograph, without_metadata


class RegistrationForm(PersonalForm):
    """A name for the list at the door, and an address for the letter with the seat."""

    surface = "web.event"
    collects = {"name": EventRegistration.name, "email": EventRegistration.email}

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    may_be_shown = forms.BooleanField(
        label=_("Photographs of the event on which I can be recognised may be shown on its page"),
        required=False,
        help_text=_(
            "You need not agree in order to come, and you can take it back at any time with the link in our letter."
        ),
    )

    def clean_email(self) -> str:
        local, _at, domain = self.cleaned_data["email"].rpartition("@")
        return f"{local}@{domain.lower()}"


class PhotographField(forms.FileField):
    """One photograph; what comes out is made anew and carries no metadata."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> str:
        sent = super().clean(data, initial)
        try:
            return without_metadata(sent.read(LARGEST + 1))
        except NotAPhotograph as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal


class PhotographForm(PersonalForm):
    """A photograph and the words below it."""

    surface = "web.event"
    collects = {"image": EventPhotograph.image, "caption": EventPhotograph.caption}

    image = PhotographField(
        label=_("Photograph"), help_text=_("Place, time and device are taken out before we keep it.")
    )
    caption = forms.CharField(label=_("What does it show?"), max_length=200, required=False)
    all_agreed = forms.BooleanField(
        label=_("Everybody who can be recognised on it has agreed that it is shown here"),
        help_text=_("We look at each photograph first and ask those on it; without their consent it is not shown."),
        error_messages={"required": _("Please send only photographs to which everybody on them has agreed.")},
    )
