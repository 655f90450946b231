"""The forms in which cookies are answered: what is not an answer is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cookie_consent.forms import ProcessCookiesForm
from django import forms
from django.utils.translation import gettext_lazy as _

from cookies import inventory, question
from privacy.errors import StaleNotice
from privacy.notice import ShownNotice


def _choices() -> Iterator[tuple[str, str]]:
    for group in inventory.OPTIONAL:
        yield group.key, str(group.name)


class GroupsForm(ProcessCookiesForm):
    """The library's form (`all_groups`, `cookie_groups`) over the declared groups, with the proof of what was shown."""

    cookie_groups = forms.MultipleChoiceField(
        choices=_choices,
        required=False,
        error_messages={
            "invalid_choice": _("This store has no such group of cookies. Please choose from the list on this page."),
            "invalid_list": _("This store has no such group of cookies. Please choose from the list on this page."),
        },
    )
    notice = forms.CharField(required=False)

    shown: ShownNotice

    def clean_notice(self) -> str:
        token = self.cleaned_data["notice"]
        try:
            self.shown = question.shown(token)
        except StaleNotice as stale:
            raise forms.ValidationError(
                _("Our question about cookies has changed since you opened the page. Please answer the one below."),
                code="stale_notice",
            ) from stale
        return token

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.named_groups():
            raise forms.ValidationError(
                _("No group of cookies was named, so nothing was changed. Please choose below."), code="empty"
            )
        return cleaned

    def named_groups(self) -> frozenset[str]:
        """The groups that the answer is about."""
        if self.cleaned_data.get("all_groups"):
            return inventory.OPTIONAL_KEYS
        return frozenset(self.cleaned_data.get("cookie_groups", ()))


class ChoiceForm(GroupsForm):
    """The list of boxes: a ticked group is permitted and every other one declined, so no tick at all is an answer too."""

    all_groups = None
    choice = forms.BooleanField(
        error_messages={"required": _("No answer arrived, so nothing was changed. Please choose below.")}
    )

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data
