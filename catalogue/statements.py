"""Statements that the ORM writes once and that are sent many times: writing one takes longer than answering it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec

from django.db import connection
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.db.models.query import RawQuerySet

P = ParamSpec("P")


class Blank(str):
    """A text that stands in a statement until the value that is meant takes its place."""


class Statement:
    """One statement as the ORM wrote it. `blanks` says what takes the place of each `Blank` this time."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._model = rows.model
        self._sql, self._values = rows.query.sql_with_params()

    def models(self, blanks: Mapping[str, Any]) -> RawQuerySet:
        """The rows as objects of their model, with what was annotated as the database wrote it."""
        return self._model.objects.raw(self._sql, self._filled(blanks))

    def part(self, blanks: Mapping[str, Any], first: int, number: int) -> list[tuple[Any, ...]]:
        """So many rows, as they come."""
        return self._ask(f"{self._sql} LIMIT %s OFFSET %s", [*self._filled(blanks), number, first])

    def counted(self) -> RawSQL:
        """How many rows there are, as a column of another query."""
        return RawSQL(self._count, self._values, output_field=IntegerField())  # noqa: S611, the ORM wrote it

    def count(self, blanks: Mapping[str, Any]) -> int:
        return self._ask(f"SELECT {self._count}", self._filled(blanks))[0][0]

    @property
    def _count(self) -> str:
        return f"(SELECT count(*) FROM ({self._sql}) AS counted)"  # noqa: S608, the ORM wrote what is counted

    def _filled(self, blanks: Mapping[str, Any]) -> list[Any]:
        return [blanks[value] if isinstance(value, Blank) else value for value in self._values]

    @staticmethod
    def _ask(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


class Rows:
    """What `Paginator` cuts into pages. The page that is wanted is read with the number of all, which ends each of its rows."""

    ordered = True

    def __init__(
        self, statement: Statement, counted: Statement, blanks: Mapping[str, Any], first: int, number: int
    ) -> None:
        self._statement, self._counted, self._blanks = statement, counted, blanks
        self._first, self._read = first, statement.part(blanks, first, number)

    def count(self) -> int:
        if self._read:
            return self._read[0][-1]
        return self._counted.count(self._blanks) if self._first else 0

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        read = self._read
        if part.start != self._first:
            read = self._statement.part(self._blanks, part.start, part.stop - part.start)
        return [row[:-1] for row in read]


def as_array(column: Any) -> list[Any] | None:
    """An array that PostgreSQL wrote as JSON."""
    return json.loads(column) if isinstance(column, str) else column


def as_objects(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows that PostgreSQL wrote as JSON."""
    return [json.loads(row) if isinstance(row, str) else row for row in rows]


def written_once(write: Callable[P, QuerySet[Any]]) -> Callable[P, Statement]:
    """The statement of a query, kept by what it was asked for: give it only values of which there are few."""
    return lru_cache(maxsize=512)(lambda *about, **named: Statement(write(*about, **named)))
