"""Card numbers never enter the store: this finds one wherever it may have been typed (PCI DSS 4.0.1, collect.payment)."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# 13 to 19 digits, however they are grouped. Letters right beside them make it something else, such as a tracking number.
_RUN = re.compile(r"(?<![\w.])\d(?:[ \-–—./_]{0,3}\d){12,18}(?![\w])")
# First digits that card networks issue under (ISO/IEC 7812): 3, 4, 5, 6 and Mastercard's 2221–2720.
_ISSUED = re.compile(r"^(?:3[0-9]|4|5|6|2[2-7])")

REFUSAL = _(
    "This looks like a card number. We never keep one: please remove it. You type it on the payment provider's page only."
)


def find_card_number(text: str) -> str | None:
    """The first run of digits in a text that can be a card number, as it was typed, or None.

    A card number has 13 to 19 digits, begins as cards do and satisfies ISO/IEC 7812's check digit (Luhn). A barcode of the
    store's goods (GTIN-13 and GTIN-14 beginning with 880) is none.
    """
    plain = "".join(_digit(c) for c in text)
    for match in _RUN.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        if _ISSUED.match(digits) and _luhn(digits):
            return text[match.start() : match.end()]
    return None


def without_card_numbers(text: str) -> str:
    """A text in which every card number is struck out; for what cannot be given back to whoever typed it."""
    while card := find_card_number(text):
        text = text.replace(card, "•" * 8)
    return text


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def refuse_card_number(text: str) -> None:
    """A validator for any text that a person may type."""
    if isinstance(text, str) and find_card_number(text):
        raise ValidationError(REFUSAL, code="card_number")
