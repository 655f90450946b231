"""Shopify's product export: rows that share a handle are one product; rows with a picture only carry nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue, ImportedProduct, ImportedVariant, Rejected
from catalogue.importers.reading import Row

_HANDLE = ("handle", "url handle")
_SKU = ("variant sku", "sku")
_PRICE = ("variant price", "price")
_BARCODE = ("variant barcode", "barcode")
_IMAGE = ("image src", "product image url", "variant image", "variant image url")


def recognises(header: Iterable[str]) -> bool:
    names = set(header)
    return bool(names & set(_HANDLE)) and bool(names & {"variant price", "variant sku", "title", "option1 value"})


def products(rows: Iterable[Row], currency: str) -> Iterator[ImportedProduct | Rejected]:
    """One product after the other, in the order of the file."""
    for handle, together in groupby(rows, key=lambda row: row.get(*_HANDLE)):
        if not handle:
            yield from (Rejected(row.line, "the handle is missing") for row in together)
            continue
        yield _product(handle, list(together), currency)


def _product(handle: str, rows: list[Row], currency: str) -> ImportedProduct:
    first = rows[0]
    made = ImportedProduct(
        line=first.line,
        slug=neutral.slug(handle),
        name=neutral.line_of_text(first.get("title"), 250),
        description=neutral.paragraphs(first.get("body (html)", "body html", "description")),
        brand=neutral.line_of_text(first.get("vendor"), 120),
        categories=neutral.listed(first.get("product category", "type", "custom product type"), ">")[:2],
        tags=neutral.listed(first.get("tags"))[:30],
        shown=first.get("status").lower() in ("active", "")
        and first.get("published", "published on online store").lower() not in ("false", "no", "0"),
        keyed=True,
        pictures=sum(1 for row in rows if row.get(*_IMAGE)),
    )
    for row in rows:
        if not (row.get(*_SKU) or row.get(*_PRICE) or row.get("option1 value")):
            # A row with a picture only goes with the product; one with nothing but a title cannot be sold.
            if row is first and len(rows) == 1:
                made.rejected.append(Rejected(row.line, "the price is missing"))
            continue
        try:
            variant = _variant(made.slug, row, rows, currency)
            made.variants.append(variant)
            if not variant.barcode and (given := row.get(*_BARCODE)):
                made.notes.append(neutral.without_barcode(row.line, given))
        except BadValue as bad:
            made.rejected.append(Rejected(row.line, str(bad)))
    return made


def _variant(slug: str, row: Row, rows: list[Row], currency: str) -> ImportedVariant:
    options = {}
    for n in ("1", "2", "3"):
        value = row.get(f"option{n} value")
        if value and value != "Default Title":
            options[rows[0].get(f"option{n} name") or f"Option {n}"] = value[:80]
    amount = neutral.price(row.get(*_PRICE), currency)
    return ImportedVariant(
        line=row.line,
        sku=neutral.article_number(row.get(*_SKU).lstrip("'"), slug, *options.values()),
        price=amount,
        compare_at=neutral.higher_price(
            row.get("variant compare at price", "compare-at price", "compare at price"), currency, amount
        ),
        options=options,
        barcode=neutral.barcode(row.get(*_BARCODE)),
        weight_g=neutral.grams(row.get("variant grams", "weight value (grams)")),
        stock=neutral.stock(row.get("variant inventory qty", "inventory quantity")),
    )
