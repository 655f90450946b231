"""DummyJSON's products: a list, or an object that holds one. Its people and baskets are recognised, and refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue, ImportedProduct, ImportedVariant, Rejected
from catalogue.importers.reading import UnreadableFile
from catalogue.models import Review
from privacy.cards import without_card_numbers

_FIRST_YEAR = 1990  # nobody reviewed goods on the web before


def items_of(data: Any) -> list[Any]:
    """The products of the file, or a refusal that says what it holds instead."""
    items = data
    if isinstance(data, Mapping):
        if "users" in data:
            items = data["users"]
        elif "carts" in data:
            items = data["carts"]
        else:
            items = data.get("products")
    if not isinstance(items, list) or not items:
        raise UnreadableFile("The JSON holds no list of products. Export the products, not something else.")
    objects = [item for item in items if isinstance(item, Mapping)]
    if any("title" in item for item in objects):
        return items
    first = objects[0] if objects else {}
    if "firstName" in first or "email" in first:
        raise UnreadableFile(
            "This file is about people, with no record of what they permitted. Nobody is imported; products are."
        )
    if "userId" in first or "products" in first:
        raise UnreadableFile("This file holds people's baskets, not products. Export the products and name that file.")
    raise UnreadableFile("The JSON holds no products that are known here: each needs a title and a price.")


def products(items: list[Any], currency: str) -> Iterator[ImportedProduct | Rejected]:
    """One product per item; the line is the item's number in the list, the first being 1."""
    for position, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            yield Rejected(position, "it is no object", "")
            continue
        if not _text(item, "title"):
            yield Rejected(position, "it is missing", "title")
            continue
        yield _product(position, item, currency)


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return _clean(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


def _clean(value: Any) -> str:
    # JSON can say what PostgreSQL cannot keep: NUL, and half of a pair of surrogates.
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()


def _product(position: int, item: Mapping[str, Any], currency: str) -> ImportedProduct:
    name = neutral.line_of_text(_text(item, "title"), 250)
    pictures = item.get("images")
    tags = item.get("tags")
    made = ImportedProduct(
        line=position,
        slug=neutral.slug(name),
        name=name,
        path="",
        description=neutral.paragraphs(_text(item, "description")),
        brand=neutral.line_of_text(_text(item, "brand"), 120),
        categories=neutral.listed(_text(item, "category"), ">")[:2],
        tags=[c[:80] for tag in tags if isinstance(tag, str) and (c := _clean(tag))][:30]
        if isinstance(tags, list)
        else [],
        pictures=len(pictures) if isinstance(pictures, list) else 0,
    )
    meta = item.get("meta")
    given = _text(meta, "barcode") if isinstance(meta, Mapping) else ""
    at = "price"
    try:
        amount = neutral.price(_text(item, "price"), currency)
        at = "stock"
        stock = neutral.stock(_text(item, "stock"))
        at = "sku"
        sku = neutral.article_number(_text(item, "sku"), made.slug)
    except BadValue as bad:
        made.rejected.append(Rejected(position, str(bad), at))
        return made
    # The format gives a weight without its unit, so it is left out rather than guessed.
    made.variants.append(
        ImportedVariant(line=position, sku=sku, price=amount, barcode=neutral.barcode(given), stock=stock)
    )
    if given and not made.variants[0].barcode:
        made.notes.append(neutral.without_barcode(position, given, "meta.barcode"))
    reviews = item.get("reviews")
    for number, review in enumerate(reviews if isinstance(reviews, list) else []):
        try:
            made.reviews.append(_review(review))
        except BadValue as bad:
            made.rejected.append(Rejected(position, str(bad), f"reviews[{number}]"))
    return made


def _review(review: Any) -> Mapping[str, Any]:
    if not isinstance(review, Mapping):
        raise BadValue("it is no object")
    rating = neutral.number(_text(review, "rating"), "the rating")
    if not 1 <= rating <= 5 or rating != int(rating):
        raise BadValue(f"the rating {rating} is not between 1 and 5")
    body = neutral.paragraphs(_text(review, "comment"))[:5000]
    # As they will be stored, so that the same review is known again.
    name = neutral.line_of_text(without_card_numbers(_text(review, "reviewerName")), 120)
    email = without_card_numbers(_text(review, "reviewerEmail"))
    if not body or not name:
        raise BadValue("the comment or the name is missing")
    try:
        if email:
            Review._meta.get_field("author_email").run_validators(email)
    except ValidationError:
        raise BadValue("the e-mail address is not valid") from None
    return {
        "author_name": name,
        "author_email": email,
        "body": body,
        "rating": int(rating),
        "written_at": _date(review),
    }


def _date(review: Mapping[str, Any]) -> dt.datetime:
    text = _text(review, "date")
    try:
        written = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadValue(f"the date “{text[:30]}” is none") from None
    written = written if written.tzinfo else written.replace(tzinfo=dt.UTC)
    if written.year < _FIRST_YEAR or written > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
        raise BadValue(f"the date “{text[:30]}” cannot be")
    return written
