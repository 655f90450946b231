"""The card form, read and forgotten: what leaves this file is a summary that holds neither number nor security code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from orders.payment.sandbox_server.texts import COUNTRY_CODES


class Behaviour(StrEnum):
    """What the sandbox does with a test card."""

    APPROVE = "approve"
    DECLINE = "decline"
    CHALLENGE = "challenge"
    SLOW = "slow"
    CLOSED_WINDOW = "closed_window"


@dataclass(frozen=True, slots=True)
class TestCard:
    number: str
    brand: str
    behaviour: Behaviour

    # pytest would otherwise take the name for a test.
    __test__ = False

    @property
    def spaced(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))


TEST_CARDS = (
    TestCard("4242424242424242", "visa", Behaviour.APPROVE),
    TestCard("4000002500003155", "visa", Behaviour.CHALLENGE),
    TestCard("4000000000000002", "visa", Behaviour.DECLINE),
    TestCard("4000000000000259", "visa", Behaviour.SLOW),
    TestCard("4000000000005126", "visa", Behaviour.CLOSED_WINDOW),
    TestCard("5555555555554444", "mastercard", Behaviour.APPROVE),
)
_BY_NUMBER = {card.number: card for card in TEST_CARDS}

# What may be written back into the form after a mistake; never the number, the expiry or the security code.
KEPT_FIELDS = ("cardholder", "country", "postal_code", "line1", "line2")
LONGEST = {"cardholder": 80, "postal_code": 16, "line1": 120, "line2": 120}
YEARS_AHEAD = 20

_SEPARATORS = re.compile(r"[\s\-.\u2010-\u2015]")
_POSTAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 \-]*")
_NUMBER_RUN = re.compile(r"(?:\d[\s\-.]?){12,18}\d")


@dataclass(frozen=True, slots=True)
class ReadCard:
    """A card that passed the form: only what a shop may keep, and what the sandbox shall do with it."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    holder: str = field(repr=False)
    country: str = field(repr=False)
    postal_code: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    behaviour: Behaviour


class CardMistakes(Exception):
    """The form was not filled in well; `by_field` holds a text key for each field, `kept` what may be shown again."""

    def __init__(self, by_field: dict[str, str], kept: dict[str, str]) -> None:
        super().__init__("The card form has mistakes.")
        self.by_field = by_field
        self.kept = kept


def read_card(form: Mapping[str, str], today: date) -> ReadCard:
    mistakes: dict[str, str] = {}
    number = _SEPARATORS.sub("", _plain(form, "card_number"))
    card = _BY_NUMBER.get(number)
    if not number:
        mistakes["card_number"] = "number_missing"
    elif not re.fullmatch(r"[0-9]{13,19}", number) or not passes_luhn(number):
        mistakes["card_number"] = "number_wrong"
    elif card is None:
        mistakes["card_number"] = "number_not_test"

    month, year = _read_expiry(form, today, mistakes)

    code = _plain(form, "security_code").strip()
    if not code:
        mistakes["security_code"] = "code_missing"
    elif not re.fullmatch(r"[0-9]{3}", code):
        mistakes["security_code"] = "code_wrong"

    kept = {name: _plain(form, name).strip() for name in KEPT_FIELDS}
    for name in ("cardholder", "line1"):
        if not kept[name]:
            mistakes[name] = f"{name}_missing"
    for name, longest in LONGEST.items():
        if len(kept[name]) > longest:
            mistakes[name] = "too_long"
        elif holds_card_number(kept[name]):
            mistakes[name] = "card_number_here"
            kept[name] = ""
        elif _unprintable(kept[name]):
            mistakes[name] = "unprintable"
            kept[name] = ""
    if kept["country"] not in COUNTRY_CODES:
        mistakes["country"] = "country_missing"
        kept["country"] = ""
    if kept["postal_code"] and "postal_code" not in mistakes and not _POSTAL_CODE.fullmatch(kept["postal_code"]):
        mistakes["postal_code"] = "postal_code_wrong"

    if mistakes or card is None:
        raise CardMistakes(mistakes, kept)
    return ReadCard(
        brand=card.brand,
        last4=card.number[-4:],
        expiry_month=month,
        expiry_year=year,
        holder=kept["cardholder"],
        country=kept["country"],
        postal_code=kept["postal_code"],
        lines=tuple(line for line in (kept["line1"], kept["line2"]) if line),
        behaviour=card.behaviour,
    )


def passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """True when a run of 13 to 19 digits in the text could be a card's number, however it is spaced."""
    for run in _NUMBER_RUN.finditer(text):
        digits = re.sub(r"\D", "", run.group())
        for length in range(13, len(digits) + 1):
            if any(passes_luhn(digits[start : start + length]) for start in range(len(digits) - length + 1)):
                return True
    return False


def _read_expiry(form: Mapping[str, str], today: date, mistakes: dict[str, str]) -> tuple[int, int]:
    typed = _plain(form, "expiry").strip()
    match = re.fullmatch(r"([0-9]{1,2})\s*[/\-. ]\s*([0-9]{4}|[0-9]{2})", typed) or re.fullmatch(
        r"([0-9]{2})([0-9]{4}|[0-9]{2})", typed
    )
    if match is None or not 1 <= int(match[1]) <= 12:
        mistakes["expiry"] = "expiry_wrong" if typed else "expiry_missing"
        return 0, 0
    month, year = int(match[1]), int(match[2])
    if year < 100:
        year += 2000
    # A card is good until the last day of its month.
    if (year, month) < (today.year, today.month):
        mistakes["expiry"] = "expiry_past"
    elif year > today.year + YEARS_AHEAD:
        mistakes["expiry"] = "expiry_wrong"
    return month, year


def _plain(form: Mapping[str, str], name: str) -> str:
    """The value with full-width digits and letters, which Korean and Japanese keyboards make, as ordinary ones."""
    return unicodedata.normalize("NFKC", form.get(name, ""))


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} for character in text)
