"""WooCommerce's product export: simple products, and variable ones whose variations name their parent, before or after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue, ImportedProduct, ImportedVariant, Rejected
from catalogue.importers.reading import Row


def recognises(header: Iterable[str]) -> bool:
    names = set(header)
    return {"type", "name"} <= names and bool(names & {"regular price", "sku", "parent"})


def products(rows: Iterable[Row], currency: str) -> Iterator[ImportedProduct | Rejected]:
    """Products in the order of the file. The whole file is looked at first, since a variation may stand before its parent."""
    every = list(rows)
    parents = [row for row in every if _type(row) != "variation"]
    keys = {key: row for row in parents for key in _keys(row)}
    children: dict[int, list[Row]] = {}
    for row in every:
        if _type(row) != "variation":
            continue
        parent = keys.get(_parent_key(row))
        if parent is None:
            yield Rejected(row.line, f"its parent “{row.get('parent')}” is not in the file")
        else:
            children.setdefault(parent.line, []).append(row)
    for row in parents:
        kind = _type(row)
        if kind not in ("simple", "variable"):
            yield Rejected(row.line, f"a product of type “{kind}” cannot be sold here")
            continue
        yield _product(row, children.get(row.line, []) if kind == "variable" else [row], kind, currency)


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
            made.variants.append(_variant(made.slug, one, row, currency))
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
        sku=(row.get("sku") or neutral.slug("-".join([slug, *options.values()])).upper())[:80],
        price=amount,
        compare_at=neutral.higher_price(regular, currency, amount) if sale else None,
        options=options,
        barcode=neutral.barcode(row.get("gtin, upc, ean, or isbn", "gtin", "ean")),
        weight_g=neutral.grams(weight, unit),
        stock=neutral.stock(row.get("stock")),
    )


def _weight(row: Row) -> tuple[str, str] | None:
    for column, value in row.cells.items():
        if (match := re.fullmatch(r"weight \((\w+)\)", column)) and value.strip():
            return value.strip(), match[1]
    return None
