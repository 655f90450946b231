"""Spree's product export, and its translations: rows that share a slug are one product, the first of several its description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from catalogue.importers import neutral
from catalogue.importers.neutral import (
    BadValue,
    ImportedPrice,
    ImportedProduct,
    ImportedText,
    ImportedVariant,
    Rejected,
)
from catalogue.importers.reading import Row


def recognises(header: Iterable[str]) -> bool:
    names = set(header)
    return {"slug", "sku", "price"} <= names or is_translations(names)


def is_translations(header: Iterable[str]) -> bool:
    return {"slug", "locale", "name"} <= set(header)


def translations(rows: Iterable[Row]) -> Iterator[ImportedText | Rejected]:
    """Texts for products that are in the store."""
    for row in rows:
        language = row.get("locale").lower().replace("_", "-").split("-")[0]
        if not (row.get("slug") and language and row.get("name")):
            yield Rejected(row.line, "the slug, the locale or the name is missing")
            continue
        if not neutral.LANGUAGE.fullmatch(language):
            yield Rejected(row.line, f"the locale “{row.get('locale')[:20]}” is none")
            continue
        yield ImportedText(
            row.line,
            neutral.slug(row.get("slug")),
            language,
            neutral.line_of_text(row.get("name"), 250),
            neutral.paragraphs(row.get("description")),
        )


def products(rows: Iterable[Row], currency: str) -> Iterator[ImportedProduct | ImportedPrice | Rejected]:
    """One product after the other, in the order of the file; then the prices in more currencies, which name no product."""
    for key, together in groupby(rows, key=lambda row: row.get("slug")):
        if not key:
            yield from (Rejected(row.line, "the slug is missing") for row in together)
            continue
        group = list(together)
        if group[0].get("name"):
            yield _product(key, group, currency)
        else:
            yield from (_price(row, currency) for row in group)


def _price(row: Row, currency: str) -> ImportedPrice | Rejected:
    if not row.get("sku"):
        return Rejected(row.line, "the name is missing, and no sku says which price it is")
    try:
        code = neutral.currency_code(row.get("currency"), currency)
        amount = neutral.price(row.get("price"), code)
    except BadValue as bad:
        return Rejected(row.line, str(bad))
    return ImportedPrice(
        row.line, row.get("sku"), code, amount, neutral.higher_price(row.get("compare_at_price"), code, amount)
    )


def _product(key: str, rows: list[Row], currency: str) -> ImportedProduct:
    first = rows[0]
    made = ImportedProduct(
        line=first.line,
        slug=neutral.slug(key),
        name=neutral.line_of_text(first.get("name"), 250),
        description=neutral.paragraphs(first.get("description")),
        categories=neutral.listed(first.get("category1").replace("->", ">"), ">")[:2],
        tags=neutral.listed(first.get("tags"))[:30],
        shown=first.get("status").lower() in ("active", ""),
        keyed=True,
        pictures=sum(1 for row in rows for n in "123" if row.get(f"image{n}_src")),
    )
    # The first of several rows describes the product that the others are choices of; it is not sold itself.
    sold = [row for row in rows[1:] if _is_choice(row)] or ([first] if not _has_choices(rows) else [])
    for row in sold:
        try:
            variant = _variant(made.slug, row, currency)
            made.variants.append(variant)
            if not variant.barcode and (given := row.get("barcode")):
                made.notes.append(neutral.without_barcode(row.line, given))
        except BadValue as bad:
            made.rejected.append(Rejected(row.line, str(bad)))
    return made


def _is_choice(row: Row) -> bool:
    return bool(row.get("option1_value", "sku", "price"))


def _has_choices(rows: list[Row]) -> bool:
    return any(_is_choice(row) for row in rows[1:])


def _variant(slug: str, row: Row, currency: str) -> ImportedVariant:
    options = {
        row.get(f"option{n}_name") or f"Option {n}": row.get(f"option{n}_value")[:80]
        for n in ("1", "2", "3")
        if row.get(f"option{n}_value")
    }
    code = neutral.currency_code(row.get("currency"), currency)
    amount = neutral.price(row.get("price"), code)
    return ImportedVariant(
        line=row.line,
        sku=neutral.article_number(row.get("sku"), slug, *options.values()),
        price=amount,
        currency=code,
        compare_at=neutral.higher_price(row.get("compare_at_price"), code, amount),
        options=options,
        barcode=neutral.barcode(row.get("barcode")),
        weight_g=neutral.grams(row.get("weight"), row.get("weight_unit")),
        stock=neutral.stock(row.get("inventory_count")),
    )
