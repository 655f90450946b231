"""The adapter for pages: a form about a person carries its notice, its opt-out box, and the key to the door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from django import forms

from privacy.answers import STALE, collect_answers
from privacy.cards import REFUSAL_OF_PARTS, fields_of_one_card_number, refuse_card_number
from privacy.declaration import NUMBERS_OF_THEIR_OWN, Category, FieldRef, declaration_of, resolve
from privacy.errors import StaleNotice
from privacy.models.consent import ConsentMethod
from privacy.notice import Notice, ShownNotice

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from privacy.models import Collection, Subject


class _Explained(Protocol):
    """A form field with the line that its template shows beside it; Django's types know of no such attribute."""

    why: str


class PersonalForm(forms.Form):
    """A form in which a person says something about themselves.

    `surface` names the collection point; `collects` maps each form field that holds a personal value to the model field
    that the value will stand in. Everything else follows: the line beside the field, the hidden proof of the notice, the
    box against direct marketing, and `collecting()`, the only way to write what was typed.
    """

    surface: ClassVar[str]
    collects: Mapping[str, FieldRef] = {}

    notice = forms.CharField(widget=forms.HiddenInput, required=False)
    no_marketing = forms.BooleanField(required=False)

    shown: ShownNotice | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The proof and the box come last, wherever a subclass put its own fields.
        self.order_fields([n for n in self.fields if n not in ("no_marketing", "notice")])
        self.notice_shown = Notice({n: ref for n, ref in self.collects.items() if n in self.fields})
        for line in self.notice_shown.lines:
            cast(_Explained, self.fields[line.name]).why = str(line)
        box = self.fields["no_marketing"]
        box.label = self.notice_shown.opt_out
        box.help_text = self.notice_shown.opt_out_help
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.PasswordInput):
                field.validators = [*field.validators, refuse_card_number]

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == "notice":
            return self.notice_shown.token()
        return super().get_initial_for_field(field, field_name)

    def full_clean(self) -> None:
        """After all fields by themselves: a card number may begin in one of them and end in the next."""
        super().full_clean()
        if self.is_bound:
            for name in fields_of_one_card_number(self._texts()):
                self.add_error(name, forms.ValidationError(REFUSAL_OF_PARTS, code="card_number"))

    def _texts(self) -> Iterator[tuple[str, object]]:
        """What was typed into the fields for text, as they follow one another on the page."""
        for name, field in self.fields.items():
            if not isinstance(field, forms.CharField) or isinstance(
                field.widget, forms.PasswordInput | forms.HiddenInput
            ):
                continue
            ref = self.notice_shown.fields.get(name)
            if ref is None or declaration_of(resolve(ref)).category not in NUMBERS_OF_THEIR_OWN:
                yield name, self[name].data

    def clean_notice(self) -> str:
        token = self.cleaned_data.get("notice", "")
        try:
            self.shown = self.notice_shown.answered(token)
        except StaleNotice as stale:
            # The page that goes out with this error shows the notice in force, so its own proof goes out with it.
            # Django's types call `data` any mapping; it is what the request brought, or a dict, and both can be copied.
            answers = cast("QueryDict | dict[str, Any]", self.data).copy()
            answers[self.add_prefix("notice")] = self.notice_shown.token()
            self.data = answers
            raise forms.ValidationError(STALE, code="stale_notice") from stale
        return token

    def collecting(self, request: HttpRequest, *, subject: Subject | None = None) -> AbstractContextManager[Collection]:
        """Open the door for the answers of this valid form. Domain functions that write them are called inside."""
        if self.shown is None:
            raise StaleNotice("Validate the form before opening its door.")
        return collect_answers(
            request,
            surface=self.surface,
            collects=self.notice_shown.fields,
            notice=self.shown,
            no_marketing=self.cleaned_data["no_marketing"],
            method=ConsentMethod.FORM,
            country=self._country(),
            subject=subject,
        )

    def _country(self) -> str:
        for name, ref in self.notice_shown.fields.items():
            if declaration_of(resolve(ref)).category == Category.COUNTRY:
                return self.cleaned_data.get(name) or ""
        return ""
