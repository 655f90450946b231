"""`import_products FILE`: take the products of another store's export; every row that cannot be taken is named."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue.importers.reading import UnreadableFile
from catalogue.importers.running import FORMATS, Item, run


class Command(BaseCommand):
    help = "Import products from a file. The same file twice changes nothing. Exit status 1 when rows were rejected."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=("auto", *FORMATS), default="auto", help="whose export it is")
        parser.add_argument("--currency", choices=settings.CURRENCIES, default="USD", help="of the file's prices")
        parser.add_argument("--language", default="en", help="of the file's texts, two letters")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = run(
                options["file"],
                format=options["format"],
                currency=options["currency"],
                language=options["language"],
                dry_run=options["dry_run"],
                progress=self._progress,
            )
        except UnreadableFile as refusal:
            raise CommandError(str(refusal)) from refusal
        for row in (*report.notes, *report.rejected):
            self.stdout.write(f"line {row.line}: {row.reason}")
        kept = "Dry run, nothing was kept. " if options["dry_run"] else ""
        self.stdout.write(f"{kept}{report.format}: {report.counts}.")
        if report.rejected:
            sys.exit(1)

    def _progress(self, items: Iterable[Item], total: int) -> Iterator[Item]:
        """A bar where somebody watches, a line now and then where a log does."""
        if self.stdout.isatty():
            from rich.progress import track

            yield from track(items, description="Importing", total=total)
            return
        for count, item in enumerate(items, start=1):
            if count % 1000 == 0:
                self.stdout.write(f"{count} read")
            yield item
