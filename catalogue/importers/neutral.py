"""What every product file comes down to: products with variants, and rows that cannot be taken with the reason."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import nh3
from moneyed import CURRENCIES

_GRAMS = {
    "g": 1,
    "gram": 1,
    "grams": 1,
    "kg": 1000,
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523"),
}
LANGUAGE = re.compile("[a-z]{2,3}")
_BLOCK_ENDS = re.compile(r"(?i)</(?:p|div|li|h[1-6]|tr|ul|ol|table)\s*>|<br\s*/?>")
_WITHOUT_CENTS = {"KRW", "JPY"}
_MOST_STOCK = 2_000_000_000
_MOST_AMOUNT = Decimal("9999999999")


class BadValue(Exception):
    """A cell that cannot be what it should be; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken: a row by its physical line, or a part of a JSON item by the item's number and the path in it."""

    line: int
    reason: str
    # None in a file of lines.
    path: str | None = None

    def __str__(self) -> str:
        where = f"line {self.line}" if self.path is None else f"item {self.line}{self.path and ' ' + self.path}"
        return f"{where}: {self.reason}"


@dataclass(slots=True)
class ImportedVariant:
    line: int
    sku: str
    price: Decimal
    compare_at: Decimal | None = None
    options: dict[str, str] = field(default_factory=dict)
    barcode: str = ""
    # None where the file does not say: what the store knows already stays.
    weight_g: int | None = None
    stock: int | None = None
    # Of the price; empty where the file does not say, and the one named for the import holds.
    currency: str = ""


@dataclass(frozen=True, slots=True)
class ImportedPrice:
    """A price in one more currency for a variant that is in the store already."""

    line: int
    sku: str
    currency: str
    amount: Decimal
    compare_at: Decimal | None


@dataclass(slots=True)
class ImportedProduct:
    """One product of a file; `texts` by language, each a mapping of name, summary and description."""

    line: int
    slug: str
    name: str
    summary: str = ""
    description: str = ""
    brand: str = ""
    categories: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    shown: bool = True
    variants: list[ImportedVariant] = field(default_factory=list)
    pictures: int = 0
    reviews: list[Mapping[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    # What was left out of rows that were taken.
    notes: list[Rejected] = field(default_factory=list)
    # Whether the slug is the exporter's own key for the product, or only made from its name.
    keyed: bool = False
    # As in `Rejected`, of the product.
    path: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedText:
    """A translation of a product that is in the store already."""

    line: int
    slug: str
    language: str
    name: str
    description: str


# Signs of currencies that are no sign of their own, beside the codes of ISO 4217.
_CURRENCY_WORDS = {
    "us",
    "a",
    "c",
    "ca",
    "au",
    "nz",
    "hk",
    "s",
    "r",
    "rs",
    "kr",
    "zł",
    "kč",
    "ft",
    "lei",
    "원",
    "円",
    "元",
    "圓",
}
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


def number(text: str, what: str) -> Decimal:
    """A number as people write it: 1,234.50 or 1.234,50 or ₩12,000 or USD 9.99. Any other word makes it none."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    plain = "".join(c for c in plain if unicodedata.category(c) != "Sc" and not c.isspace() and c not in "'’")
    for word in re.findall(r"[^\W\d_]+", plain):
        if word.lower() in _CURRENCY_WORDS or word.upper() in CURRENCIES:
            plain = plain.replace(word, "", 1)
    if "," in plain and "." in plain:
        last = max(plain.rfind(","), plain.rfind("."))
        plain = plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :]
    elif plain.count(".") > 1 and re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+", plain):
        plain = plain.replace(".", "")
    elif "," in plain:
        whole, _, rest = plain.rpartition(",")
        thousands = len(rest) == 3 and whole.lstrip("-") not in ("", "0")
        plain = plain.replace(",", "") if thousands else f"{whole.replace(',', '')}.{rest}"
    if len(plain) > 40 or not _NUMBER.fullmatch(plain):
        raise BadValue(f"{what} “{text[:40]}” is not a number")
    return Decimal(plain)


def price(text: str, currency: str, what: str = "the price") -> Decimal:
    """A price, rounded to what the currency has."""
    if not text.strip():
        raise BadValue(f"{what} is missing")
    whole = currency in _WITHOUT_CENTS
    # 12.000 won are twelve thousand: there is nothing smaller than one.
    grouped = whole and re.fullmatch(r"\D*\d{1,3}(?:\.\d{3})+\D*", text)
    value = number(text.replace(".", "") if grouped else text, what)
    if value < 0:
        raise BadValue(f"{what} {value} is below zero")
    if value > _MOST_AMOUNT:
        raise BadValue(f"{what} {value} is too large")
    return value.quantize(Decimal(1) if whole else Decimal("0.01"), rounding=ROUND_HALF_UP)


def higher_price(text: str, currency: str, than: Decimal) -> Decimal | None:
    """The price before a reduction; what is not above the price is no such price."""
    try:
        value = price(text, currency)
    except BadValue:
        return None
    return value if value > than else None


def stock(text: str) -> int | None:
    """Pieces; None where nothing is said."""
    if not text.strip():
        return None
    value = number(text, "the stock")
    if value < 0:
        raise BadValue(f"the stock {value} is below zero")
    if value > _MOST_STOCK:
        raise BadValue(f"the stock {value} is too large")
    if value != int(value):
        raise BadValue(f"the stock {value} is not a whole number")
    return int(value)


def grams(text: str, unit: str = "g") -> int | None:
    """A weight in grams; None where nothing is said."""
    if not text.strip():
        return None
    value = number(text, "the weight") * _GRAMS.get(unit.strip().lower() or "g", 1)
    if not 0 <= value < _MOST_STOCK:
        raise BadValue(f"the weight {text[:20]} cannot be")
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def barcode(text: str) -> str:
    """A GTIN with a right check digit, else nothing: a wrong one is worse than none."""
    digits = re.sub(r"[\s'-]", "", text)
    if not re.fullmatch(r"\d{8}|\d{12,14}", digits):
        return ""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits[:-1])))
    return digits if (10 - total % 10) % 10 == int(digits[-1]) else ""


def without_barcode(line: int, given: str, path: str | None = None) -> Rejected:
    """The note that a product came in without the barcode of its row."""
    return Rejected(line, f"the barcode “{given[:20]}” is not valid and was left out", path)


def paragraphs(markup: str) -> str:
    """HTML brought down to plain paragraphs."""
    broken = _BLOCK_ENDS.sub("\n\n", markup)
    plain = html.unescape(nh3.clean(broken, tags=set(), clean_content_tags={"script", "style"}))
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", plain)]
    return "\n\n".join(part for part in parts if part)[:20_000]


def line_of_text(text: str, most: int) -> str:
    """One line without markup, not longer than the store keeps."""
    return " ".join(paragraphs(text).split())[:most]


# The letters of Hangul syllables in the Revised Romanization: first, middle, last.
_FIRST = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")  # noqa: SIM905
_MIDDLE = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")  # noqa: SIM905
_LAST = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")  # noqa: SIM905


def _latin(letter: str) -> str:
    """A Hangul syllable in Latin letters, an accented letter without its accent, anything else as it is."""
    place = ord(letter) - 0xAC00
    if 0 <= place < 11_172:
        return _FIRST[place // 588] + _MIDDLE[place % 588 // 28] + _LAST[place % 28]
    return unicodedata.normalize("NFKD", letter)[0] if letter.isalpha() else letter


def slug(text: str, most: int = 150) -> str:
    """An address from a name. What Latin letters cannot say, or what is too long, is told apart by a digest of the whole."""
    folded = unicodedata.normalize("NFKC", text).lower().strip()
    latin = "".join(map(_latin, folded))
    made = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")
    if made and len(made) <= most and (made == folded or not re.search(r"[^\W_]", re.sub(r"[ -~]", "", latin))):
        return made
    digest = hashlib.blake2s(folded.encode("utf-8"), digest_size=6).hexdigest()
    return f"{made[: most - 13]}-{digest}".strip("-")


def article_number(given: str, *parts: str) -> str:
    """The article number of a file, or one made from the address and the choices when it has none."""
    if not given:
        return slug("-".join(parts), 80).upper()
    if len(given) > 80:
        raise BadValue(f"the article number “{given[:40]}…” is longer than 80 characters")
    return given


def currency_code(text: str, otherwise: str) -> str:
    """The currency that a cell names, or the one of the import."""
    code = text.strip().upper()
    if code and code not in CURRENCIES:
        raise BadValue(f"the currency “{text[:20]}” is none")
    return code or otherwise


def listed(text: str, separators: str = ",", most: int = 80) -> list[str]:
    """The parts of a cell that lists several, each once and none longer than the store keeps."""
    parts = (" ".join(part.split())[:most] for part in re.split(f"[{re.escape(separators)}]", text))
    return list(dict.fromkeys(part for part in parts if part))
