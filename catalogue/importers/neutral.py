"""What every product file comes down to: products with variants, and rows that cannot be taken with the reason."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import nh3

_GRAMS = {
    "g": 1,
    "gram": 1,
    "grams": 1,
    "kg": 1000,
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523"),
}
_BLOCK_ENDS = re.compile(r"(?i)</(?:p|div|li|h[1-6]|tr|ul|ol|table)\s*>|<br\s*/?>")
_MOST_STOCK = 2_000_000_000
_MOST_AMOUNT = Decimal("9999999999")


class BadValue(Exception):
    """A cell that cannot be what it should be; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken."""

    line: int
    reason: str


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


@dataclass(frozen=True, slots=True)
class ImportedText:
    """A translation of a product that is in the store already."""

    line: int
    slug: str
    language: str
    name: str
    description: str


def number(text: str, what: str) -> Decimal:
    """A number as people write it: 1,234.50 or 1.234,50 or ₩12,000."""
    plain = re.sub(r"[^\d.,\-]", "", unicodedata.normalize("NFKC", text))
    if "," in plain and "." in plain:
        last = max(plain.rfind(","), plain.rfind("."))
        plain = plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :]
    elif "," in plain:
        whole, _, rest = plain.rpartition(",")
        plain = (
            plain.replace(",", "")
            if len(rest) == 3 and whole.lstrip("-") != "0"
            else f"{whole.replace(',', '')}.{rest}"
        )
    try:
        value = Decimal(plain if re.fullmatch(r"-?\d*\.?\d*", plain) else "")
    except InvalidOperation:
        raise BadValue(f"{what} “{text[:40]}” is not a number") from None
    if not value.is_finite():
        raise BadValue(f"{what} “{text[:40]}” is not a number")
    return value


def price(text: str, currency: str, what: str = "the price") -> Decimal:
    """A price, rounded to what the currency has."""
    if not text.strip():
        raise BadValue(f"{what} is missing")
    value = number(text, what)
    if value < 0:
        raise BadValue(f"{what} {value} is below zero")
    if value > _MOST_AMOUNT:
        raise BadValue(f"{what} {value} is too large")
    unit = Decimal(1) if currency in ("KRW", "JPY") else Decimal("0.01")
    return value.quantize(unit, rounding=ROUND_HALF_UP)


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


def paragraphs(markup: str) -> str:
    """HTML brought down to plain paragraphs."""
    broken = _BLOCK_ENDS.sub("\n\n", markup)
    plain = html.unescape(nh3.clean(broken, tags=set(), clean_content_tags={"script", "style"}))
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", plain)]
    return "\n\n".join(part for part in parts if part)[:20_000]


def line_of_text(text: str, most: int) -> str:
    """One line without markup, not longer than the store keeps."""
    return " ".join(paragraphs(text).split())[:most]


def slug(text: str) -> str:
    """An address from a name. What Latin letters cannot say is told apart by a digest of the whole name."""
    folded = unicodedata.normalize("NFKC", text).lower()
    ascii_only = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if ascii_only and len(ascii_only) >= len(re.sub(r"\W", "", folded)) // 2:
        return ascii_only[:150]
    digest = hashlib.blake2s(folded.encode("utf-8"), digest_size=6).hexdigest()
    return f"{ascii_only}-{digest}".strip("-")[:150]


def listed(text: str, separators: str = ",") -> list[str]:
    """The parts of a cell that lists several."""
    return [part.strip() for part in re.split(f"[{re.escape(separators)}]", text) if part.strip()]
