"""Telephone numbers as couriers need them: international, without a doubt about the country."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def clean_phone(text: str, country: str) -> str:
    """The number in E.164 form, such as +821012345678. Typed without a plus sign, it is a number of `country`."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("This is not a telephone number. Please type it with the country code, for example %(example)s."),
            code="invalid_phone",
            params={"example": example_phone(country)},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def example_phone(country: str) -> str:
    """A number as it is written in a country, for the line under the field."""
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    number = number or phonenumbers.example_number("KR")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
