"""The form fields of a postal address, shaped by the country: which lines, their names, their order, their rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.addresses import ADDRESS_FIELDS, MAX_LENGTHS, AddressRules, clean_address
from accounts.countries import SHIPPING_COUNTRIES, default_country, shipping_countries
from accounts.phones import example_phone


def _line(label: Any, name: str, autocomplete: str, **extra: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_LENGTHS[name],
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, **extra}),
    )


class AddressFields(forms.Form):
    """Mix into a `PersonalForm`, before it: the fields are shaped after the notice was made for all of them.

    A notice over all lines stays the same whichever country is chosen, so changing the country makes no form stale.
    """

    country = forms.ChoiceField(
        label=_("Country"),
        choices=shipping_countries,
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"invalid_choice": _("We do not send to this country yet. Please choose one of the list.")},
    )
    recipient = _line(_("Recipient's name"), "recipient", "name")
    street = _line(_("Street and number"), "street", "address-line1")
    street_2 = _line(_("Building, floor, room"), "street_2", "address-line2")
    city = _line(_("City"), "city", "address-level2")
    state = _line(_("State or province"), "state", "address-level1")
    postal_code = _line(_("Postal code"), "postal_code", "postal-code")
    phone = _line(_("Telephone for the courier"), "phone", "tel", inputmode="tel")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address_rules = AddressRules.for_country(self._chosen_country())
        self._shape()

    def _chosen_country(self) -> str:
        chosen = self.data.get(self.add_prefix("country")) if self.is_bound else self.initial.get("country")
        return chosen if isinstance(chosen, str) and chosen in SHIPPING_COUNTRIES else default_country()

    def _shape(self) -> None:
        rules = self.address_rules
        self.initial.setdefault("country", rules.country)
        for name in ADDRESS_FIELDS:
            if name not in ("recipient", "phone", "country") and not rules.asks(name):
                del self.fields[name]
                continue
            field = self.fields[name]
            field.required = name in rules.required
            field.widget.is_required = field.required
            field.label = rules.labels.get(name, field.label)
        if "state" in self.fields and (states := rules.states()):
            typed = self.fields["state"]
            self.fields["state"] = forms.ChoiceField(
                label=typed.label,
                required=typed.required,
                choices=[("", "—"), *states],
                widget=forms.Select(attrs={"autocomplete": "address-level1"}),
            )
            self.fields["state"].why = getattr(typed, "why", "")
        if "postal_code" in self.fields and rules.postal_code_example:
            self.fields["postal_code"].help_text = _("For example %(example)s") % {"example": rules.postal_code_example}
        self.fields["phone"].help_text = _("For example %(example)s") % {"example": example_phone(rules.country)}
        others = [name for name in self.fields if name not in ADDRESS_FIELDS]
        before = [name for name in others if name not in ("is_default", "no_marketing", "notice")]
        self.order_fields([*before, "country", "recipient", *rules.order, "phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "country" not in cleaned:
            return cleaned
        try:
            address = clean_address({name: cleaned.get(name, "") for name in ADDRESS_FIELDS})
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                if name in self.fields and not self.has_error(name):
                    self.add_error(name, messages)
        else:
            cleaned.update(address)
        return cleaned

    def address(self) -> dict[str, str]:
        """The address of a valid form, in the form that is stored."""
        return {name: self.cleaned_data[name] for name in ADDRESS_FIELDS}
