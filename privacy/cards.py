"""Card numbers and security codes never enter the store: found wherever they were typed (PCI DSS 4.0.1, collect.payment)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

_MARK = "•" * 8
_FEWEST, _MOST = 13, 19  # digits of a card number, ISO/IEC 7812
_GROUP = re.compile(r"\d+")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_SPACE = re.compile(r"\s")
# What people put between the groups of a number, besides space of any kind.
_WIDEST = 3
_BETWEEN = re.compile(rf"[\s\-‐‑‒–—―−./_·]{{1,{_WIDEST}}}")
# Signs without a width, which come along when something is copied from a page.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# Words that people write right beside the digits. Any other letter there makes them something else, such as a tracking number.
_BESIDE = re.compile(
    r"visa|master(?:card)?|amex|card|no\.?|cvc2?|cvv2?|exp|카드|번호|은|는|입니다|です|です。|是", re.I
)
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I)
# What card networks issue, by first digits and length; 9 is what Korean banks issue for use at home.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}"
    r"|220[0-4]\d{12,15}|(?:5[06-9]|6\d)\d{11,17}|9\d{15}"
)
# Stands between two fields: a sign that Unicode keeps free, so nobody types it.
_NEXT_FIELD = "\ue000"
# Of a long text only its beginning and its end can go on in another one.
_EDGE = 200
_CUT = "q"  # a letter, which no card number reaches over
_BETWEEN_FIELDS = re.compile(r"[\s\-‐‑‒–—―−./_·]{0,3}(?:\ue000[\s\-‐‑‒–—―−./_·]{0,3})+")
# Over two fields only the usual lengths count: numbers of two fields meet by chance, and then one of ten satisfies Luhn.
_ISSUED_AS_USUAL = re.compile(
    r"4(?:\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|220[0-4]\d{12}|(?:5[06-9]|6\d)\d{14}|62\d{17}|9\d{15}"
)
_SPACE = re.compile(r"[\s\ue000]")
# A postcode and a telephone of Korea behind it, as they are typed without a space.
_POSTCODE, _TELEPHONE = re.compile(r"\d{1,5}"), re.compile(r"0(?:1[016-9]|2|[3-6]\d)\d{7,8}")
_SECURITY_CODE = re.compile(
    r"(?:(?<![a-z])(?:cvc2?|cvv2?|csc)(?![a-z])|security\s+code|card\s+verification\s+(?:code|number|value)"
    r"|보안\s*코드|보안\s*번호|安全[码碼]|セキュリティ[・ ]?コード)[^\d\n]{0,15}(?<!\d)(\d{3,4})(?![\w])",
    re.I,
)

REFUSAL = _(
    "This looks like a card number. We never keep one: please remove it. You type it on the payment provider's page only."
)
REFUSAL_OF_CODE = _(
    "This looks like the security code of a card. We never keep one: please remove it. You type it on the payment provider's"
    " page only."
)
REFUSAL_OF_PARTS = _(
    "These fields together look like a card number. We never keep one: please remove it. You type it on the payment"
    " provider's page only."
)


class Part(NamedTuple):
    """Where a piece of a card number stands: in which of the texts, from and to which sign."""

    text: int
    start: int
    end: int


def find_card_number(text: str) -> str | None:
    """The first run of digits in a text that can be a card number, as it was typed, or None.

    A card number has 13 to 19 digits, begins as cards do and satisfies ISO/IEC 7812's check digit (Luhn). It may stand
    among other numbers, such as its expiry and its code, and be grouped in any way. A barcode of the store's goods (GTIN-13
    and GTIN-14 beginning with 880) is none, nor is an order number.
    """
    whole = _in_our_digits(text)
    for begin, end in _passages(whole):
        plain = _INVISIBLE.sub(" ", _blank(_BESIDE, _blank(_UUID, whole[begin:end])))
        for run in _runs(plain):
            for first in range(len(run)):
                digits = ""
                for group in run[first : first + _MOST]:
                    digits += group.group()
                    if len(digits) > _MOST:
                        break
                    if len(digits) >= _FEWEST and _ISSUED.fullmatch(digits) and _luhn(digits):
                        return text[begin + run[first].start() : begin + group.end()]
    return None


def find_security_code(text: str) -> str | None:
    """Three or four digits that a text itself calls a card's security code, or None."""
    found = _SECURITY_CODE.search(_in_our_digits(text))
    return text[found.start(1) : found.end(1)] if found else None


def find_card_number_over(texts: Sequence[str]) -> list[Part]:
    """The pieces of a card number that ends one text and goes on in the next, in the order in which a form has them.

    It begins where the last digits of a text begin and fills the texts between; an empty one counts for nothing. Groups
    have to stand as on a card. Digits beside a letter or after a plus sign are something else: an order number, a
    telephone. Empty when there is none.
    """
    kept = [(number, text) for number, text in enumerate(texts) if text.strip()]
    if len(kept) < 2:
        return []
    plain, pieces = _one_after_the_other(kept)
    if sum(c.isdecimal() for c in plain) < _FEWEST:
        return []
    plain = _INVISIBLE.sub(" ", _blank(_BESIDE, _blank(_UUID, plain)))
    for run in _runs(plain, _BETWEEN_FIELDS):
        for groups in _beginnings(run, plain):
            digits = ""
            for place, group in enumerate(groups):
                digits += group.group()
                if len(digits) > _MOST:
                    break
                if _ISSUED_AS_USUAL.fullmatch(digits) and _luhn(digits) and _as_on_a_card(groups[: place + 1], plain):
                    return _parts(groups[: place + 1], pieces)
    return []


def without_card_numbers_over(texts: Sequence[str], mark: str = _MARK) -> list[str]:
    """The texts without card numbers, neither in one of them nor over two."""
    clean = [without_card_numbers(text, mark) for text in texts]
    while parts := find_card_number_over(clean):
        for part in parts:
            text = clean[part.text]
            clean[part.text] = text[: part.start] + mark + text[part.end :]
    return clean


def fields_of_one_card_number(fields: Iterable[tuple[str, object]]) -> list[str]:
    """The names of those fields that hold the pieces of a card number, given in the order in which a form has them."""
    named = [(name, value) for name, value in fields if isinstance(value, str)]
    return [named[part.text][0] for part in find_card_number_over([value for _name, value in named])]


def without_card_numbers(text: str, mark: str = _MARK) -> str:
    """A text in which card numbers and security codes are struck out; for what cannot be given back to whoever typed it."""
    while card := find_card_number(text):
        text = text.replace(card, mark)
    while code := _SECURITY_CODE.search(_in_our_digits(text)):
        text = text[: code.start(1)] + mark + text[code.end(1) :]
    return text


def refuse_card_number(text: str) -> None:
    """A validator for any text that a person may type."""
    if isinstance(text, str):
        if find_card_number(text):
            raise ValidationError(REFUSAL, code="card_number")
        if find_security_code(text):
            raise ValidationError(REFUSAL_OF_CODE, code="card_number")


def refuse_in_every_field() -> None:
    """Let each text of each model refuse a card number when a form is checked: those of the desk and of other packages too.

    The forms that people see say so by themselves; this is for the field that somebody forgot. It is no part of a field's
    definition, so no migration knows of it.
    """
    for model in apps.get_models():
        for field in model._meta.local_fields:
            holder = getattr(field, "base_field", field)
            if isinstance(holder, models.CharField | models.TextField | models.JSONField) and not field.choices:
                holder.validators = [*holder.validators, _refuse_within]


def _refuse_within(value: object) -> None:
    """The same for a text inside of lists and dictionaries."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for inner in value:
            _refuse_within(inner)
    elif isinstance(value, str):
        refuse_card_number(value)


def _passages(plain: str) -> Iterator[tuple[int, int]]:
    """From where to where a card number can stand at all: enough digits near one another, and the words that they stand in.

    A letter of many megabytes is mostly something else, and looking closely at each of its signs takes seconds. No pattern
    reaches over the edge of a word, so what is cut out here reads as it does within the whole.
    """
    begin = end = 0
    for first, last in _crowds(plain):
        if last <= end:
            continue
        while first > end and not plain[first - 1].isspace():
            first -= 1
        if first > end:
            yield begin, end
            begin = first
        space = _SPACE.search(plain, last)
        end = space.start() if space else len(plain)
    yield begin, end


def _crowds(plain: str) -> Iterator[tuple[int, int]]:
    """Where enough digits for a card number stand with no more than what may be between two groups of them."""
    first = last = count = 0
    for group in _GROUP.finditer(plain):
        if group.start() - last > _WIDEST:
            if count >= _FEWEST:
                yield first, last
            first, count = group.start(), 0
        last = group.end()
        count += last - group.start()
    if count >= _FEWEST:
        yield first, last


def _beginnings(run: list[re.Match[str]], plain: str) -> list[list[re.Match[str]]]:
    """The run from each place where the last digits of a text begin."""
    found = []
    for place, group in enumerate(run):
        first_of_text = place == 0 or _NEXT_FIELD in plain[run[place - 1].end() : group.start()]
        ends_text = any(_NEXT_FIELD in plain[a.end() : b.start()] for a, b in pairwise(run[place:]))
        if first_of_text and ends_text:
            found.append(run[place:])
    return found


def _as_on_a_card(groups: list[re.Match[str]], plain: str) -> bool:
    """Whether digits over two texts stand as those of a card do, and beside nothing that makes them something else.

    Where they are grouped at all, it is by four, or as on a card of fourteen or fifteen; the texts part them there too.
    """
    cuts, length, over, grouped = set(), 0, False, False
    for group, following in pairwise(groups):
        length += len(group.group())
        cuts.add(length)
        is_joint = _NEXT_FIELD in plain[group.end() : following.start()]
        over, grouped = over or is_joint, grouped or not is_joint
    before = _SPACE.split(plain[: groups[0].start()])[-1]
    after = _SPACE.split(plain[groups[-1].end() :])[0]
    if not over or any(sign.isalnum() or sign in "+@#" for sign in before) or any(map(str.isalpha, after)):
        return False
    if cuts <= {4, 8, 12, 16} or cuts <= {4, 10}:
        return True
    first, last = groups[0].group(), groups[-1].group()
    return not grouped and not (_POSTCODE.fullmatch(first) and _TELEPHONE.fullmatch(last))


def _one_after_the_other(kept: list[tuple[int, str]]) -> tuple[str, list[tuple[int, int, int]]]:
    """The texts as one, and where each piece of them begins: there, in which text, and where in that.

    A long text is two pieces, its beginning and its end: a letter may have many megabytes.
    """
    plain = ""
    pieces: list[tuple[int, int, int]] = []
    for number, text in kept:
        plain += _NEXT_FIELD if pieces else ""
        edges = (
            [(0, text)] if len(text) <= 2 * _EDGE else [(0, text[:_EDGE] + _CUT), (len(text) - _EDGE, text[-_EDGE:])]
        )
        for start, piece in edges:
            pieces.append((len(plain), number, start))
            plain += _in_our_digits(piece.replace(_NEXT_FIELD, " "))
    return plain, pieces


def _parts(groups: list[re.Match[str]], pieces: list[tuple[int, int, int]]) -> list[Part]:
    parts: dict[int, Part] = {}
    for group in groups:
        begin, number, offset = max(piece for piece in pieces if piece[0] <= group.start())
        start = group.start() - begin + offset
        first = parts[number].start if number in parts else start
        parts[number] = Part(number, first, start + len(group.group()))
    return list(parts.values())


def _runs(plain: str, over: re.Pattern[str] | None = None) -> list[list[re.Match[str]]]:
    """Groups of digits that stand beside one another, apart from those that touch a letter; `over` is what else may part them."""
    runs: list[list[re.Match[str]]] = []
    last: re.Match[str] | None = None
    for group in _GROUP.finditer(plain):
        before, after = plain[group.start() - 1 : group.start()], plain[group.end() : group.end() + 1]
        if before.isalpha() or after.isalpha():
            last = None
            continue
        if last is not None and any(
            between.fullmatch(plain, last.end(), group.start()) for between in (_BETWEEN, over) if between
        ):
            runs[-1].append(group)
        else:
            runs.append([group])
        last = group
    return runs


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with what matches made blank, so that every sign keeps its place."""
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _in_our_digits(text: str) -> str:
    """The text with the digits of every script written 0 to 9."""
    return text if text.isascii() else _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
