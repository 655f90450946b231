"""The form by which somebody names a telephone number for news, and the one that takes its code back."""

from __future__ import annotations

from typing import ClassVar

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phones import clean_phone
from marketing.models import TextNumber
from privacy.forms import PersonalForm

# A number typed without a plus sign is one of the country in which the store is.
HOME = "KR"
_TAKES_TEXTS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


class TextNumberForm(PersonalForm):
    """A number for news. The box against direct marketing stands here too, and with it the form makes no sense."""

    surface = "web.texts"
    collects = {"phone": TextNumber.phone}

    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("With the country code, for example +82 10 1234 5678. Without one we take it for a Korean number."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def clean_phone(self) -> str:
        """The number in E.164 form. Only a mobile one: no other takes text messages."""
        number = clean_phone(self.cleaned_data["phone"], HOME)
        if phonenumbers.number_type(phonenumbers.parse(number)) not in _TAKES_TEXTS:
            raise ValidationError(
                _("Text messages reach mobile telephones only. Please type the number of one."), code="no_mobile"
            )
        return number

    def clean_no_marketing(self) -> bool:
        if self.cleaned_data["no_marketing"]:
            raise ValidationError(
                _("This box says that you want no news, and this form asks for news. Untick it to get them."),
                code="contradiction",
            )
        return False

    @property
    def country(self) -> str:
        """The country of the number, by which the law of its owner is known."""
        return phonenumbers.region_code_for_number(phonenumbers.parse(self.cleaned_data["phone"])) or ""


class CodeForm(forms.Form):
    """The code from the message, and what may be permitted beside it. Which address it is for stands in the page's address."""

    not_collected: ClassVar = {"code": "Compared and not kept."}

    notice = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.CharField(
        label=_("Code from the message"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    at_night = forms.BooleanField(required=False)
