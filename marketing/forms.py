"""The form by which somebody asks for news, and those by which the staff write to them."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketing.domain import composing, markup
from marketing.models import Campaign, CampaignText, Subscription
from marketing.models.campaign import LANGUAGES
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


# Whose law people are under, as far as they told; "" for those who told nothing.
LAWS = [
    ("KR", _("Republic of Korea")),
    ("EU", _("European Economic Area")),
    ("UK", _("United Kingdom")),
    ("US", _("United States")),
    ("JP", _("Japan")),
    ("CN", _("China")),
    ("other", _("other countries")),
    ("", _("country not known")),
]


class CampaignForm(forms.ModelForm):
    """What is sent to what kind of people. Nothing chosen means all of them."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    laws = forms.MultipleChoiceField(
        label=_("Countries"),
        choices=LAWS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "The country whose law people are under, as far as they told it: with an address for a delivery, or with the "
            "number of their telephone. It is not where they are now. Who told nothing is found by “country not known”, and "
            "who named several countries by none of these."
        ),
    )

    class Meta:
        model = Campaign
        labels: ClassVar = {"channel": _("Sent by")}
        fields = [
            "name", "purpose", "channel", "partner", "languages", "laws", "categories", "fallback", "per_minute", "coupon",
        ]  # fmt: skip

    def clean(self) -> dict[str, object]:
        values = super().clean() or self.cleaned_data
        if values.get("partner") and values.get("purpose") != "marketing.advertising.third_party":
            self.add_error(
                "partner", _("Only a promotion for somebody else has a name here. Choose that, or leave it empty.")
            )
        return values


class CampaignTextForm(forms.ModelForm):
    """One language. What is wrong with it is said at once, with everything that was typed still there."""

    class Meta:
        model = CampaignText
        fields = ["locale", "subject", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 14, "cols": 90})}

    def clean_subject(self) -> str:
        subject = self.cleaned_data["subject"]
        if len(subject.splitlines()) > 1:
            raise ValidationError(composing.ONE_LINE)
        return subject

    def clean_body(self) -> str:
        body = self.cleaned_data["body"]
        if found := markup.problems(body):
            raise ValidationError(found)
        return body
