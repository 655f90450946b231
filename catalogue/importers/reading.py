"""A file as text and rows, whatever program wrote it: its encoding, its separator, and the line on which each row begins."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalogue.importers.neutral import Rejected

_LARGEST_FILE = 512 * 1024 * 1024  # bytes; it is held in memory once
_LOOKED_AT = 65_536  # characters
# Two bytes that CP949 added to EUC-KR: rare in Korean, and what German or French capitals before a letter look like.
_ADDED_BY_CP949 = re.compile(rb"[\x81-\xc6][A-Za-z]|[\x81-\xa0][\x81-\xfe]")
_PAIR = re.compile(rb"[\x81-\xfe][A-Za-z\x81-\xfe]")
# What no text holds. NUL is not among them: some exporters strew it.
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")
# A quotation mark that is never closed swallows the rest; reading starts anew behind it, but not for ever.
_MOST_UNCLOSED = 50


class UnreadableFile(Exception):
    """The file cannot be read as a product file; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line on which it begins, and the cells that hold something by the folded name of their column."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first cell of these columns that holds something, without the blanks around it."""
        return next((value for name in names if (value := self.cells.get(name, ""))), "")


def read_text(path: Path) -> str:
    """The whole file as text. NUL bytes, which no product has, are taken out."""
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder. Name the file in it.")
    if not path.exists():
        raise UnreadableFile(f"There is no file at {path}. Check the name.")
    if not path.is_file():
        raise UnreadableFile(f"{path} is not a file. Export the products as CSV or JSON and name that file.")
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UnreadableFile(f"{path.name} is larger than {_LARGEST_FILE >> 20} MB. Export the products in parts.")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.") from error
    text = _decoded(raw)
    if "\x00" in text:
        if text.count("\x00", 0, _LOOKED_AT) * 10 > min(len(text), _LOOKED_AT):
            raise _not_text(path)
        text = text.replace("\x00", "")
    if not text.strip():
        raise UnreadableFile(f"{path.name} is empty.")
    start = text[:_LOOKED_AT]
    if raw[:4] == b"PK\x03\x04" or raw[:5] == b"%PDF-" or len(_CONTROL.findall(start)) * 50 > len(start):
        raise _not_text(path)
    return text


def _not_text(path: Path) -> UnreadableFile:
    return UnreadableFile(f"{path.name} is not a text file. Export the products as CSV or JSON and name that file.")


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    # UTF-16 without its mark: every other byte of what is mostly Latin is nothing.
    start = raw[:4096]
    if len(start) >= 8 and raw.count(b"\x00", 0, 4096) * 4 > len(start):
        odd, even = start[1::2].count(0), start[0::2].count(0)
        if max(odd, even) > 4 * min(odd, even):
            return raw.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    for encoding in ("utf-8", "euc_kr"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    if len(_ADDED_BY_CP949.findall(raw)) * 2 < len(_PAIR.findall(raw)):
        try:
            return raw.decode("cp949")
        except UnicodeDecodeError:
            pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does."""
    return text[:_LOOKED_AT].lstrip()[:1] in ("[", "{")


def read_json(text: str) -> Any:
    try:
        # A price may stand in it as a number, and is none of binary fractions.
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableFile(f"The file is broken JSON{where}. Export it again.") from error


def fold(name: str) -> str:
    """The name of a column as it is compared."""
    return " ".join(name.strip().lower().split())


class Table:
    """The rows of a CSV file, as often as they are asked for, without holding them.

    Iteration gives the rows that can be read; `faults` then names those that cannot. A row without a value is none.
    """

    def __init__(self, text: str) -> None:
        csv.field_size_limit(_LARGEST_FILE)
        self._text = text
        self._separator = _separator(text)
        self._first_row, self.header = self._header()
        self.lines = text.count("\n") or text.count("\r")
        self.faults: list[Rejected] = []

    def _header(self) -> tuple[int, list[str]]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator)
        for values in reader:
            if any(value.strip() for value in values):
                return reader.line_num, [fold(value) for value in values]
        return reader.line_num, []

    def __iter__(self) -> Iterator[Row]:
        self.faults = []
        source = io.StringIO(self._text, newline="")
        for _ in range(self._first_row):
            source.readline()
        offset = self._first_row
        for _ in range(_MOST_UNCLOSED):
            rest = yield from self._rows(source, offset)
            if rest is None:
                return
            lines, offset = rest
            source = io.StringIO("".join(lines), newline="")

    def _rows(self, source: io.StringIO, offset: int) -> Any:
        """The rows from here on. When a quotation mark is never closed: the lines behind it, and the number of the line before."""
        held: list[str] = []
        reader = csv.reader(_remembering(source, held), delimiter=self._separator)
        for values in reader:
            lines, begins = list(held), offset + reader.line_num - len(held) + 1
            held.clear()
            if self._is_unclosed(lines):
                self.faults.append(Rejected(begins, "a quotation mark that is opened here is never closed"))
                return lines[1:], begins
            if any(value.strip() for value in values[len(self.header) :]):
                self.faults.append(
                    Rejected(begins, f"it has {len(values)} cells and the first line names {len(self.header)} columns")
                )
                continue
            cells = {name: cell for name, value in zip(self.header, values, strict=False) if (cell := value.strip())}
            if cells:
                yield Row(begins, cells)
        return None

    def _is_unclosed(self, lines: list[str]) -> bool:
        # The reader takes what there is without a word; its strict twin says so, and is asked only where it may be true.
        if sum(line.count('"') for line in lines) % 2 == 0:
            return False
        try:
            list(csv.reader(lines, delimiter=self._separator, strict=True))
        except csv.Error as error:
            return "unexpected end" in str(error)
        return False


def _remembering(source: io.StringIO, held: list[str]) -> Iterator[str]:
    for line in source:
        held.append(line)
        yield line


def _separator(text: str) -> str:
    """The sign between cells that the first line with anything in it uses most."""
    first = re.match(r"\s*([^\r\n]*)", text)
    line = first[1] if first else ""
    return max(",;\t", key=line.count)
