"""WooCommerce's product export: simple products, and variable ones whose variations name their parent, before or after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue, ImportedProduct, ImportedVariant, Rejected
from catalogue.importers.reading import Row

_BARCODE = ("gtin, upc, ean, or isbn", "gtin", "ean")


def recognises(header: Iterable[str]) -> bool:
    names = set(header)
    return {"type", "name"} <= names and bool(names & {"regular price", "sku", "parent"})


def products(rows: Iterable[Row], currency: str) -> Iterator[ImportedProduct | Rejected]:
    """Products in the order of the file, which is read twice, since a variation may stand before its parent."""
    # All that is held between the two: the variations, and where each key is.
    keys: dict[str, int] = {}
    kinds: dict[int, str] = {}
    variations: list[Row] = []
    for row in rows:
        kind = _type(row)
        if kind == "variation":
            variations.append(row)
            continue
        kinds[row.line] = kind
        for key in _keys(row):
            keys.setdefault(key, row.line)
    children: dict[int, list[Row]] = {}
    for row in variations:
        parent = keys.get(_parent_key(row))
        if parent is None:
            yield Rejected(row.line, f"its parent “{row.get('parent')[:80]}” is not in the file")
        elif kinds[parent] != "variable":
            yield Rejected(row.line, f"its parent on line {parent} is of type “{kinds[parent]}”, not “variable”")
        else:
            children.setdefault(parent, []).append(row)
    for row in rows:
        kind = _type(row)
        if kind == "variation":
            continue
        if kind not in ("simple", "variable"):
            yield Rejected(row.line, f"a product of type “{kind[:20]}” cannot be sold here")
            continue
        yield _product(row, children.pop(row.line, []) if kind == "variable" else [row], kind, currency)


def _type(row: Row) -> str:
    return row.get("type").split(",")[0].strip().lower() or "simple"


def _keys(row: Row) -> Iterator[str]:
    if row.get("id"):
        yield f"id:{row.get('id')}"
    if row.get("sku"):
        yield row.get("sku")


def _parent_key(row: Row) -> str:
    return re.sub(r"^id:\s*", "id:", row.get("parent"))


def _product(row: Row, sold: list[Row], kind: str, currency: str) -> ImportedProduct:
    name = neutral.line_of_text(row.get("name"), 250)
    made = ImportedProduct(
        line=row.line,
        slug=neutral.slug(row.get("slug") or name or row.get("sku")),
        name=name,
        summary=neutral.line_of_text(row.get("short description"), 500),
        description=neutral.paragraphs(row.get("description").replace("\\n", "\n")),
        brand=neutral.line_of_text(row.get("brands", "brand"), 120),
        categories=neutral.listed(next(iter(neutral.listed(row.get("categories"))), ""), ">")[:2],
        tags=neutral.listed(row.get("tags"))[:30],
        shown=row.get("published") not in ("0", "-1"),
        pictures=len(neutral.listed(row.get("images"))),
    )
    if kind == "variable" and not sold:
        made.rejected.append(Rejected(row.line, "it has no variation that could be sold"))
    for one in sold:
        try:
            variant = _variant(made.slug, one, row, currency)
            made.variants.append(variant)
            if not variant.barcode and (given := one.get(*_BARCODE)):
                made.notes.append(neutral.without_barcode(one.line, given))
        except BadValue as bad:
            made.rejected.append(Rejected(one.line, str(bad)))
    return made


def _variant(slug: str, row: Row, parent: Row, currency: str) -> ImportedVariant:
    regular, sale = row.get("regular price"), row.get("sale price")
    amount = neutral.price(sale or regular, currency)
    options = {}
    if row is not parent:
        for column in row.cells:
            if match := re.fullmatch(r"attribute (\d+) value\(s\)", column):
                value = row.get(column)
                label = row.get(f"attribute {match[1]} name") or parent.get(f"attribute {match[1]} name")
                if value and label:
                    options[label] = value[:80]
    weight, unit = _weight(row) or _weight(parent) or ("", "kg")
    return ImportedVariant(
        line=row.line,
        sku=neutral.article_number(row.get("sku"), slug, *options.values()),
        price=amount,
        compare_at=neutral.higher_price(regular, currency, amount) if sale else None,
        options=options,
        barcode=neutral.barcode(row.get(*_BARCODE)),
        weight_g=neutral.grams(weight, unit),
        stock=0 if row.get("in stock?") == "0" else neutral.stock(row.get("stock")),
    )


def _weight(row: Row) -> tuple[str, str] | None:
    for column, value in row.cells.items():
        if (match := re.fullmatch(r"weight \((\w+)\)", column)) and value.strip():
            return value.strip(), match[1]
    return None
