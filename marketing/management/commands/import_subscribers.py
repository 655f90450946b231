"""`import_subscribers FILE.csv`: rows with a proof may be written to, the others stay unpermitted; every bad row is named."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from marketing.domain import importing


class Command(BaseCommand):
    help = "Import subscribers from a CSV file with the columns " + ", ".join(importing.COLUMNS)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        counted: Counter[str] = Counter()
        try:
            for row in importing.import_file(importing.read(file.read_bytes()), source=file.name):
                counted[row.outcome] += 1
                if row.outcome == "bad":
                    self.stderr.write(f"row {row.number}: {row.words}")
                if row.number % 1000 == 0:
                    self.stdout.write(f"{row.number} rows", ending="\r")
        except (ValidationError, OSError) as error:
            said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(said) from error
        self.stdout.write(" ".join(f"{outcome}={number}" for outcome, number in sorted(counted.items())) or "no rows")
