"""What a visitor may tell the store of their tastes: in the browser alone, or in their account."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Interest
from catalogue.queries import navigation
from cookies.preferences import MOST_INTERESTS
from privacy.forms import PersonalForm


def _currencies() -> list[tuple[str, str]]:
    return [("", str(_("as the language suggests"))), *((code, code) for code in settings.CURRENCIES)]


def _shelves() -> list[tuple[str, str]]:
    return [(shelf["slug"], shelf["name"]) for shelf in navigation()]


def _liked_shelves() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("What do you like?"),
        choices=_shelves,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("These shelves come first on our front page."),
    )


class PreferencesForm(forms.Form):
    """A currency, and shelves that are liked. It is kept in the browser alone, so it is about nobody whom we know."""

    not_collected: ClassVar = {"interests": "Kept by a cookie in the visitor's own browser, and nowhere in the store."}

    currency = forms.ChoiceField(label=_("Prices in"), choices=_currencies, required=False)
    interests = _liked_shelves()

    def __init__(self, *args: Any, in_account: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_account:
            # Who is signed in says it in the account, on a page of its own.
            del self.fields["interests"]

    def clean_interests(self) -> list[str]:
        return _not_too_many(self.cleaned_data["interests"])

    def values(self) -> dict[str, Any]:
        """The answers as `Preferences` takes them."""
        chosen: dict[str, Any] = {"currency": self.cleaned_data["currency"]}
        if "interests" in self.cleaned_data:
            chosen["interests"] = tuple(self.cleaned_data["interests"])
        return chosen


class InterestsForm(PersonalForm):
    """The shelves that the owner of an account likes, on every device on which that may be used."""

    surface = "web.interests"
    collects: ClassVar = {"interests": Interest.shelf}

    interests = _liked_shelves()

    def clean_interests(self) -> list[str]:
        return _not_too_many(self.cleaned_data["interests"])


def _not_too_many(chosen: list[str]) -> list[str]:
    if len(chosen) > MOST_INTERESTS:
        raise forms.ValidationError(
            _("Please choose at most %(most)s shelves."), params={"most": MOST_INTERESTS}, code="too_many"
        )
    return chosen
