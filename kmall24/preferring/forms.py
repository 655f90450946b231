"""What a visitor may tell the store of their tastes."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalogue.queries import navigation
from cookies.preferences import MOST_INTERESTS


def _currencies() -> list[tuple[str, str]]:
    return [("", str(_("as the language suggests"))), *((code, code) for code in settings.CURRENCIES)]


def _shelves() -> list[tuple[str, str]]:
    return [(shelf["slug"], shelf["name"]) for shelf in navigation()]


class PreferencesForm(forms.Form):
    """A currency, and shelves that are liked. It is kept in the browser alone, so it is about nobody whom we know."""

    not_collected: ClassVar = {"interests": "Kept by a cookie in the visitor's own browser, and nowhere in the store."}

    currency = forms.ChoiceField(label=_("Prices in"), choices=_currencies, required=False)
    interests = forms.MultipleChoiceField(
        label=_("What do you like?"),
        choices=_shelves,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("These shelves come first on our front page."),
    )

    def clean_interests(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["interests"]
        if len(chosen) > MOST_INTERESTS:
            raise forms.ValidationError(
                _("Please choose at most %(most)s shelves."), params={"most": MOST_INTERESTS}, code="too_many"
            )
        return chosen

    def values(self) -> dict[str, Any]:
        """The answers as `Preferences` takes them."""
        return {"currency": self.cleaned_data["currency"], "interests": tuple(self.cleaned_data["interests"])}
