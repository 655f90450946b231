"""The form by which somebody asks for news."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketing.models import Subscription
from privacy.forms import PersonalForm


class SubscribeForm(PersonalForm):
    """An address for news. The box against direct marketing stands here too, and with it the form makes no sense."""

    surface = "web.subscribe"
    collects = {"email": Subscription.email}

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        local, _at, domain = self.cleaned_data["email"].rpartition("@")
        return f"{local}@{domain.lower()}"

    def clean_no_marketing(self) -> bool:
        if self.cleaned_data["no_marketing"]:
            raise ValidationError(
                _("This box says that you want no news, and this form asks for news. Untick it to subscribe."),
                code="contradiction",
            )
        return False
