"""An import from the file to the store: what can be taken is taken, what cannot is named, and twice is the same as once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db import connection, transaction

from catalogue.importers import dummyjson, shopify, spree, woocommerce
from catalogue.importers.neutral import LANGUAGE
from catalogue.importers.reading import Table, UnreadableFile, is_json, read_json, read_text
from catalogue.importers.report import Report
from catalogue.importers.taking import Item, Taker

_TABLES = {"shopify": shopify, "woocommerce": woocommerce, "spree": spree}
FORMATS = (*_TABLES, "dummyjson")


def _silently(items: Iterable[Item], _total: int) -> Iterable[Item]:
    return items


def run(
    path: Path,
    *,
    format: str = "auto",
    currency: str = "USD",
    language: str = "en",
    dry_run: bool = False,
    progress: Callable[[Iterable[Item], int], Iterable[Item]] = _silently,
) -> Report:
    """Import one file. A dry run does everything and keeps nothing, so it says what a real one would.

    A real one commits product by product, so that sales never wait for it. `progress` is given the items, whose lines
    rise to about the number that goes with them.
    """
    if not LANGUAGE.fullmatch(language):
        raise UnreadableFile(f"“{language}” is no language. Name one by its two letters, such as en or ko.")
    text = read_text(path)
    table = None if is_json(text) else Table(text)
    report = Report(format=_detected(table) if format == "auto" else format)
    items, total = _items(text, table, report.format, currency)
    taker = Taker(report, currency=currency, language=language, source=path.name)
    with ExitStack() as around:
        around.enter_context(_nothing_kept() if dry_run else _without_waiting_for_the_disk())
        for item in progress(items, total):
            taker.take(item)
    report.rejected += table.faults if table else []
    report.rejected.sort(key=lambda row: row.line)
    report.notes.sort(key=lambda row: row.line)
    return report


@contextmanager
def _nothing_kept() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    # What a crash of the machine could take is the last instant of an import, which the same file brings back.
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET synchronous_commit")


def _detected(table: Table | None) -> str:
    if table is None:
        return "dummyjson"
    for name, module in _TABLES.items():
        if module.recognises(table.header):
            return name
    raise UnreadableFile(
        "The columns are of no export that is known here (Shopify, WooCommerce, Spree, DummyJSON). "
        "Name the format with --format, or export the products again."
    )


def _items(text: str, table: Table | None, format: str, currency: str) -> tuple[Iterator[Item], int]:
    if table is None:
        if format != "dummyjson":
            raise UnreadableFile(f"The file is JSON, and {format} exports are CSV. Use --format dummyjson or auto.")
        items = dummyjson.items_of(read_json(text))
        return dummyjson.products(items, currency), len(items)
    if format == "dummyjson":
        raise UnreadableFile("The file is not JSON, and dummyjson exports are. Use --format auto.")
    module = _TABLES[format]
    if not module.recognises(table.header):
        raise UnreadableFile(f"The columns are not those of a {format} export: {', '.join(table.header[:6])[:200]} …")
    if module is spree and spree.is_translations(table.header):
        return spree.translations(table), table.lines
    return module.products(table, currency), table.lines
