"""DummyJSON's products: a list, or an object that holds one. Its people and baskets are recognised, and refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue, ImportedProduct, ImportedVariant, Rejected
from catalogue.importers.reading import UnreadableFile


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
    first = next((item for item in items if isinstance(item, Mapping)), {})
    if "firstName" in first or ("email" in first and "title" not in first):
        raise UnreadableFile(
            "This file is about people, with no record of what they permitted. Nobody is imported; products are."
        )
    if "userId" in first or ("products" in first and "title" not in first):
        raise UnreadableFile("This file holds people's baskets, not products. Export the products and name that file.")
    if "title" not in first:
        raise UnreadableFile("The JSON holds no products that are known here: each needs a title and a price.")
    return items


def products(items: list[Any], currency: str) -> Iterator[ImportedProduct | Rejected]:
    """One product per item; the line is the item's number in the list, the first being 1."""
    for position, item in enumerate(items, start=1):
        if not isinstance(item, Mapping) or not isinstance(item.get("title"), str) or not item["title"].strip():
            yield Rejected(position, "the title is missing")
            continue
        yield _product(position, item, currency)


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _product(position: int, item: Mapping[str, Any], currency: str) -> ImportedProduct:
    name = neutral.line_of_text(_text(item, "title"), 250)
    pictures = item.get("images")
    tags = item.get("tags")
    made = ImportedProduct(
        line=position,
        slug=neutral.slug(name),
        name=name,
        description=neutral.paragraphs(_text(item, "description")),
        brand=neutral.line_of_text(_text(item, "brand"), 120),
        categories=[_text(item, "category")] if _text(item, "category") else [],
        tags=[str(tag)[:80] for tag in tags if isinstance(tag, str)][:30] if isinstance(tags, list) else [],
        pictures=len(pictures) if isinstance(pictures, list) else 0,
    )
    meta = item.get("meta")
    try:
        amount = neutral.price(_text(item, "price"), currency)
        made.variants.append(
            ImportedVariant(
                line=position,
                sku=(_text(item, "sku") or made.slug.upper())[:80],
                price=amount,
                barcode=neutral.barcode(_text(meta, "barcode")) if isinstance(meta, Mapping) else "",
                # The format gives a weight without its unit, so it is left out rather than guessed.
                stock=neutral.stock(_text(item, "stock")),
            )
        )
    except BadValue as bad:
        made.rejected.append(Rejected(position, str(bad)))
    reviews = item.get("reviews")
    for number, review in enumerate(reviews if isinstance(reviews, list) else [], start=1):
        try:
            made.reviews.append(_review(review))
        except BadValue as bad:
            made.rejected.append(Rejected(position, f"review {number}: {bad}"))
    return made


def _review(review: Any) -> Mapping[str, Any]:
    if not isinstance(review, Mapping):
        raise BadValue("it is no object")
    rating = neutral.number(_text(review, "rating"), "the rating")
    if not 1 <= rating <= 5 or rating != int(rating):
        raise BadValue(f"the rating {rating} is not between 1 and 5")
    body = neutral.paragraphs(_text(review, "comment"))[:5000]
    name = neutral.line_of_text(_text(review, "reviewerName"), 120)
    if not body or not name:
        raise BadValue("the comment or the name is missing")
    try:
        written = dt.datetime.fromisoformat(_text(review, "date").replace("Z", "+00:00"))
    except ValueError:
        raise BadValue(f"the date “{_text(review, 'date')[:30]}” is none") from None
    return {
        "author_name": name,
        "author_email": _text(review, "reviewerEmail")[:254],
        "body": body,
        "rating": int(rating),
        "written_at": written if written.tzinfo else written.replace(tzinfo=dt.UTC),
    }
