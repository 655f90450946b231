"""A file as text and rows, whatever program wrote it: its encoding, its separator, and the line on which each row begins."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Tried in this order; the last one reads any byte.
_ENCODINGS = ("utf-8", "cp949", "latin-1")
_LARGEST_FIELD = 2_000_000  # characters


class UnreadableFile(Exception):
    """The file cannot be read as a product file; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line on which it begins, and its cells by the folded name of their column."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first cell of these columns that holds something, without the blanks around it."""
        return next((value for name in names if (value := self.cells.get(name, "").strip())), "")


def read_text(path: Path) -> str:
    """The whole file as text. NUL bytes, which no product has, are taken out."""
    if not path.exists():
        raise UnreadableFile(f"There is no file at {path}. Check the name.")
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder. Name the file in it.")
    raw = path.read_bytes()
    if not raw.strip():
        raise UnreadableFile(f"{path.name} is empty.")
    if raw[:4] in (b"PK\x03\x04", b"\x89PNG") or raw[:3] == b"\xff\xd8\xff" or raw[:5] == b"%PDF-":
        raise UnreadableFile(f"{path.name} is not a text file. Export the products as CSV or JSON and name that file.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace").replace("\x00", "")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path.name} is in an unknown encoding. Save it as UTF-8.")


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does."""
    return text.lstrip()[:1] in ("[", "{")


def read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableFile(f"The file is broken JSON{where}. Export it again.") from error


def fold(name: str) -> str:
    """The name of a column as it is compared."""
    return " ".join(name.strip().lower().split())


def header_of(text: str) -> list[str]:
    """The folded names of the columns."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_separator(text))
    return [fold(name) for name in next(reader, [])]


def rows_of(text: str) -> Iterator[Row]:
    """Each row with the line on which it begins. Rows without a single value are passed over."""
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_separator(text))
    names = [fold(name) for name in next(reader, [])]
    begins = reader.line_num + 1
    try:
        for values in reader:
            cells = dict(zip(names, values, strict=False))
            if any(value.strip() for value in values):
                yield Row(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"The file cannot be read as CSV after line {reader.line_num}: {error}.") from error


def _separator(text: str) -> str:
    """The sign between cells that the first line uses most."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
