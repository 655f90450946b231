"""Goods as they stand on a shelf: what a statement reads of each, and the card that is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, JSONArray
from django.urls import get_script_prefix, reverse
from djmoney.money import Money

from catalogue.domain import stock
from catalogue.languages import FALLBACK_LANGUAGE, current_language
from catalogue.models import Price, Product, ProductImage, ProductText, Variant
from catalogue.pictures import picture_address
from catalogue.statements import as_array


@dataclass(frozen=True, slots=True)
class Card:
    """A product on a shelf; the price is its cheapest variant's."""

    slug: str
    url: str
    name: str
    brand: str
    summary: str
    price: Money | None
    compare_at: Money | None
    # The lowest price of the 30 days before the reduction (Directive 98/6/EC Art. 6a); None when nothing is reduced.
    lowest_before: Money | None
    picture: str
    in_stock: bool
    rating_count: int
    rating_average: Decimal | None


def priced(currency: str) -> Exists:
    """Whether anything of a product has a price in a currency: seen at a glance, where the cheapest must be looked for."""
    return Exists(prices_of(currency))


def in_stock() -> Q:
    """Whether `left` would be more than nothing; stock is never less than that."""
    there = Variant.objects.filter(product=OuterRef("pk"), active=True, stock__gt=0)
    return Q(Exists(there)) | Q(pk__in=stock.freed())


def prices_of(currency: str) -> QuerySet[Price]:
    return Price.objects.filter(variant__product=OuterRef("pk"), variant__active=True, currency=currency)


def amounts_of() -> JSONArray:
    """What a row of prices says, as texts, so that no amount is ever a float."""
    return JSONArray(*(Cast(name, TextField()) for name in ("amount", "compare_at", "lowest_before")))


def text_of(column: str | JSONArray, language: str, product: str = "pk") -> Subquery:
    """Of the product's text in a language, else in English, else in any."""
    order = Case(
        When(language=language, then=0),
        When(language=FALLBACK_LANGUAGE, then=1),
        default=2,
        output_field=IntegerField(),
    )
    texts = ProductText.objects.filter(product=OuterRef(product)).order_by(order, "language")
    return Subquery(texts.annotate(wanted=column if isinstance(column, JSONArray) else F(column)).values("wanted")[:1])


def sold(language: str, currency: str) -> QuerySet[Product]:
    """The goods of the shelves. What stands in one row elsewhere is looked for once."""
    cheapest = prices_of(currency).order_by("amount", "pk")
    pictures = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    pieces = Variant.objects.filter(product=OuterRef("pk"), active=True).order_by().values("product")
    return (
        Product.objects.filter(status=Product.Status.ACTIVE)
        .alias(price=Subquery(cheapest.values("amount")[:1]))
        .annotate(
            words=text_of(JSONArray("name", "summary"), language),
            amounts=Subquery(cheapest.annotate(wanted=amounts_of()).values("wanted")[:1]),
            picture=Subquery(pictures.annotate(wanted=JSONArray("file", "static_path")).values("wanted")[:1]),
            left=Coalesce(Subquery(pieces.annotate(total=Sum("stock")).values("total")[:1]), Value(0))
            + stock.freed_product(),
        )
    )


# In this order a statement answers, and `_card` reads.
SHOWN = ("slug", "brand", "words", "amounts", "picture", "left", "rating_count", "rating_average")


def as_cards(rows: Iterable[tuple[Any, ...]], currency: str) -> list[Card]:
    """What a statement answered, as cards in the language of the page."""
    language, prefix = current_language(), get_script_prefix()
    return [_card(language, prefix, currency, row) for row in rows]


# Equal rows make equal cards, and most rows were seen a moment ago: what is kept is named by all that it is made of.
@lru_cache(maxsize=2000)
def _card(_language: str, _prefix: str, currency: str, row: tuple[Any, ...]) -> Card:
    slug, brand, words, amounts, picture, left, rating_count, rating_average = row
    name, summary = as_array(words) or (None, None)
    price, was, lowest = as_array(amounts) or (None, None, None)
    file, illustration = as_array(picture) or (None, None)
    return Card(
        slug=slug,
        url=reverse("catalogue:product", args=[slug]),
        name=name or slug,
        brand=brand,
        summary=summary or "",
        price=None if price is None else Money(price, currency),
        compare_at=None if was is None else Money(was, currency),
        lowest_before=None if lowest is None else Money(lowest, currency),
        picture=picture_address(file=file or "", static_path=illustration or ""),
        in_stock=left > 0,
        rating_count=rating_count,
        rating_average=rating_average,
    )
