"""The forms of a person's own case: write again, type a code, name an order, say which value is wrong."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.forms import PersonalForm
from privacy.models import RequestMessage


class AgainForm(PersonalForm):
    """One more letter in a case."""

    surface = "web.privacy_request"
    collects = {"body": RequestMessage.body}

    body = forms.CharField(label=_("Your letter"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}))


class ContestForm(PersonalForm):
    """A value that stands in front of its owner is wrong: what it should be, or why."""

    surface = "web.privacy_request"
    collects = {"sender": RequestMessage.sender, "body": RequestMessage.body}

    sender = forms.EmailField(
        label=_("Your e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    body = forms.CharField(
        label=_("What is right, or what is wrong with it"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CodeForm(forms.Form):
    """The code from the letter. It is compared and kept nowhere."""

    code = forms.CharField(
        label=_("Code from the letter"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 8}),
    )


class OrderForm(forms.Form):
    """The number of an order. It is looked up and kept nowhere."""

    not_collected: ClassVar = {"number": "It is looked up; only which order it names is kept."}

    number = forms.CharField(
        label=_("Order number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
