"""What pages, baskets and the API read of the goods, in few statements however many goods there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    Window,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.urls import reverse
from djmoney.money import Money

from catalogue.cards import SHOWN, Card, amounts_of, as_cards, in_stock, priced, sold, text_of
from catalogue.domain import search as searching
from catalogue.domain import stock
from catalogue.languages import current_language, in_language
from catalogue.models import Category, Price, Product, ProductImage, ProductText, Review, Variant
from catalogue.pictures import picture_address
from catalogue.reviewed import first_reviews
from catalogue.statements import Blank, Rows, as_objects, written_once

PER_PAGE = 24
# How much of what was typed must stand in a name, pair of letters by pair of letters, for the name to be meant.
_ALIKE = 0.6
SORTS = {
    "": ("-featured", "-created_at", "-pk"),
    "new": ("-created_at", "-pk"),
    "price": ("price", "pk"),
    "-price": ("-price", "pk"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant on its product's page."""

    id: int
    sku: str
    label: str
    price: Money | None
    compare_at: Money | None
    lowest_before: Money | None
    stock: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything that a product's page shows."""

    product: Product
    name: str
    summary: str
    paragraphs: list[str]
    choices: list[Choice]
    pictures: list[dict[str, str]]
    reviews: list[Review]
    category: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Line:
    """A variant as a basket or an order shows it; `price` is None when it has none in the currency."""

    variant_id: int
    sku: str
    name: str
    options: str
    price: Money | None
    stock: int
    weight_g: int
    picture: str
    url: str
    hs_code: str = ""
    # The shelf it stands on, and the one above.
    shelves: frozenset[int] = frozenset()

    def with_stock(self, stock: int) -> Line:
        """The same line with another stock."""
        return dataclasses.replace(self, stock=stock)


def navigation() -> list[dict[str, Any]]:
    """The shelves for the header, in the page's language. Kept in the process for five minutes, so a page asks nothing."""
    language = current_language()
    return cache.get_or_set(f"catalogue.navigation.{language}", lambda: _shelves(language), 300)


def _shelves(language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": shelf.pk,
            "slug": shelf.slug,
            "name": shelf.name(language),
            "description": shelf.description(language),
            "url": f"{reverse('catalogue:list')}?category={shelf.slug}",
        }
        for shelf in Category.objects.filter(parent__isnull=True)[:12]
    ]


def home(language: str, currency: str) -> list[Card]:
    """The goods of the front page: what is featured, what is left in stock first. One statement."""
    return as_cards(_featured(language, currency).part({}, 0, 8), currency)


@written_once
def _featured(language: str, currency: str) -> QuerySet[Any, Any]:
    rows = sold(language, currency).filter(priced(currency), featured=True)
    return rows.order_by("-left", "pk").values_list(*SHOWN)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a shelf or of a search."""

    cards: list[Card]
    page: Page
    category: dict[str, Any] | None

    @property
    def numbers(self) -> list[int | str]:
        """The pages to offer, with "…" where some are left out."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1))


def listing(
    language: str,
    currency: str,
    *,
    category: str = "",
    sort: str = "",
    in_stock: bool = False,
    page: int = 1,
    text: str = "",
) -> Listing:
    """Goods on one page, and how many there are: one statement, two more behind the last page. No such shelf is an empty one."""
    shelf = next((s for s in navigation() if s["slug"] == category), None)
    words, grams = searching.words_of(text)[:12], searching.grams_of(text)[:60]
    if text and not words:
        return Listing([], Paginator([], PER_PAGE).get_page(page), shelf)
    order = sort if sort in SORTS else ""
    if text and not order:
        order = _ALIKE_FIRST
    asked = (language, currency, bool(category), in_stock, bool(text))
    blanks = {_SHELF: category, _GRAMS: grams, _WORDS: " & ".join(f"'{word}':*" for word in words)}
    page = max(page, 1)
    rows = Rows(_goods(*asked, order), _goods(*asked, None), blanks, (page - 1) * PER_PAGE, PER_PAGE)
    shown = Paginator(rows, PER_PAGE).get_page(page)
    return Listing(as_cards(shown.object_list, currency), shown, shelf)


_SHELF, _WORDS, _GRAMS, _SLUG, _IDS = (Blank(name) for name in ("shelf", "words", "grams", "slug", "ids"))
_ALIKE_FIRST = "alike"
_ORDERS = {**SORTS, _ALIKE_FIRST: ("-alike", "pk")}


@written_once
def _goods(
    language: str, currency: str, of_shelf: bool, only_in_stock: bool, searched: bool, order: str | None
) -> QuerySet[Any, Any]:
    """The goods that are asked for; without an order, to be counted."""
    asked = (language, currency, of_shelf, only_in_stock, searched)
    rows = sold(language, currency).filter(priced(currency))
    if of_shelf:
        rows = rows.filter(Q(category__slug=_SHELF) | Q(category__parent__slug=_SHELF))
    if only_in_stock:
        rows = rows.filter(in_stock())
    if searched:
        rows = _matching(rows)
    if order is None:
        return rows.order_by().values_list("pk")
    # What was searched for is compared with all of the goods, so it is counted on the way; else a page comes off an index.
    all_of_them = Window(Count("*")) if searched else _goods(*asked, None).counted()
    return rows.annotate(total=all_of_them).order_by(*_ORDERS[order]).values_list(*SHOWN, "total")


def _matching(rows: QuerySet[Product]) -> QuerySet[Product]:
    share = RawSQL(
        "(SELECT count(*)::float / cardinality(%s::varchar[])"
        " FROM unnest(catalogue_searchentry.grams) AS gram WHERE gram = ANY(%s::varchar[]))",
        [_GRAMS, _GRAMS],
        output_field=FloatField(),
    )
    rank = RawSQL("ts_rank(catalogue_searchentry.words, to_tsquery('simple', %s))", [_WORDS], output_field=FloatField())
    found = RawSQL("(catalogue_searchentry.words @@ to_tsquery('simple', %s))", [_WORDS], output_field=BooleanField())
    near = RawSQL("(catalogue_searchentry.grams && %s::varchar[])", [_GRAMS], output_field=BooleanField())
    return (
        rows.filter(search_entry__isnull=False)
        .annotate(entry=F("search_entry__product_id"), share=share, found=found, near=near)
        .filter(Q(found=True) | Q(near=True, share__gte=_ALIKE))
        .annotate(alike=F("share") + rank + Case(When(found=True, then=1.0), default=0.0, output_field=FloatField()))
    )


def product_page(slug: str, language: str, currency: str) -> ProductPage | None:
    """A product with its texts, choices, pictures and shown reviews: two statements."""
    product = next(iter(_product(currency).models({_SLUG: slug})), None)
    if product is None:
        return None
    text = in_language({row["language"]: row for row in as_objects(product.every_text)}, language) or {}
    name = text.get("name") or product.slug
    pictures = [
        {
            "url": picture_address(file=row["file"] or "", static_path=row["static_path"] or ""),
            "alt": in_language(row["alt"] or {}, language) or name,
        }
        for row in as_objects(product.every_picture)
    ] or [{"url": picture_address(), "alt": ""}]
    return ProductPage(
        product=product,
        name=name,
        summary=text.get("summary", ""),
        paragraphs=[p for p in (text.get("description") or "").split("\n\n") if p.strip()],
        choices=[_choice(row, language, currency) for row in as_objects(product.every_choice)],
        pictures=pictures,
        reviews=first_reviews(slug),
        category=next((s for s in navigation() if s["id"] == product.category_id), None),
    )


@written_once
def _product(currency: str) -> QuerySet[Product]:
    amounts = Price.objects.filter(variant=OuterRef("pk"), currency=currency).annotate(wanted=amounts_of())
    choices = (
        Variant.objects.filter(product=OuterRef("pk"), active=True)
        .annotate(free=stock.free(), amounts=Subquery(amounts.values("wanted")[:1]))
        .order_by("position", "pk")
    )
    return Product.objects.filter(slug=_SLUG, status=Product.Status.ACTIVE).annotate(
        every_text=ArraySubquery(
            ProductText.objects.filter(product=OuterRef("pk")).values(
                row=JSONObject(language="language", name="name", summary="summary", description="description")
            )
        ),
        every_picture=ArraySubquery(
            ProductImage.objects.filter(product=OuterRef("pk"))
            .order_by("position", "pk")
            .values(row=JSONObject(file="file", static_path="static_path", alt="alt"))
        ),
        every_choice=ArraySubquery(
            choices.values(
                row=JSONObject(
                    id="pk", sku="sku", options="options", weight_g="weight_g", free="free", amounts="amounts"
                )
            )
        ),
    )


def _choice(row: dict[str, Any], language: str, currency: str) -> Choice:
    price, was, lowest = row["amounts"] or (None, None, None)
    return Choice(
        id=row["id"],
        sku=row["sku"],
        label=Variant(options=row["options"]).label(language),
        price=None if price is None else Money(price, currency),
        compare_at=None if was is None else Money(was, currency),
        lowest_before=None if lowest is None else Money(lowest, currency),
        stock=row["free"],
        weight_g=row["weight_g"],
    )


def lines(variant_ids: Iterable[int], language: str, currency: str) -> list[Line]:
    """What a basket needs to know of these variants, in one statement; those that are not sold any more are left out."""
    rows = _of_basket(language, currency).models({_IDS: list(variant_ids)})
    return [
        Line(
            variant_id=row.pk,
            sku=row.sku,
            name=row.shown_name or row.slug,
            options=row.label(language),
            price=None if row.amount is None else Money(row.amount, currency),
            stock=row.free,
            weight_g=row.weight_g,
            picture=picture_address(file=row.file or "", static_path=row.illustration or ""),
            url=reverse("catalogue:product", args=[row.slug]),
            hs_code=row.hs_code,
            shelves=frozenset(shelf for shelf in (row.shelf, row.shelf_above) if shelf),
        )
        for row in rows
    ]


@written_once
def _of_basket(language: str, currency: str) -> QuerySet[Variant]:
    pictures = ProductImage.objects.filter(product=OuterRef("product_id")).order_by("position", "pk")
    wished = RawSQL("(catalogue_variant.id = ANY(%s::bigint[]))", [_IDS], output_field=BooleanField())
    return (
        Variant.objects.annotate(wished=wished)
        .filter(wished=True, active=True, product__status=Product.Status.ACTIVE)
        .annotate(
            slug=F("product__slug"),
            hs_code=F("product__hs_code"),
            shelf=F("product__category_id"),
            shelf_above=F("product__category__parent_id"),
            shown_name=text_of("name", language, "product_id"),
            amount=Subquery(Price.objects.filter(variant=OuterRef("pk"), currency=currency).values("amount")[:1]),
            illustration=Subquery(pictures.values("static_path")[:1]),
            file=Subquery(pictures.values("file")[:1], output_field=CharField()),
            free=stock.free(),
        )
        .order_by("pk")
    )
