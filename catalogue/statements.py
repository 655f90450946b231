"""Statements that the ORM writes once and that are sent many times: writing one takes longer than answering it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec

from django.db import connection

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

    def count(self, blanks: Mapping[str, Any]) -> int:
        counted = f"SELECT count(*) FROM ({self._sql}) AS counted"  # noqa: S608, the ORM wrote what is counted
        return self._ask(counted, self._filled(blanks))[0][0]

    def _filled(self, blanks: Mapping[str, Any]) -> list[Any]:
        return [blanks[value] if isinstance(value, Blank) else value for value in self._values]

    @staticmethod
    def _ask(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


class Rows:
    """What `Paginator` cuts into pages: a statement to be counted, one to be cut, and this time's values."""

    ordered = True

    def __init__(self, statement: Statement, counted: Statement, blanks: Mapping[str, Any]) -> None:
        self._statement, self._counted, self._blanks = statement, counted, blanks

    def count(self) -> int:
        return self._counted.count(self._blanks)

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        return self._statement.part(self._blanks, part.start, part.stop - part.start)


def written_once(write: Callable[P, QuerySet[Any]]) -> Callable[P, Statement]:
    """The statement of a query, kept by what it was asked for: give it only values of which there are few."""
    return lru_cache(maxsize=512)(lambda *about, **named: Statement(write(*about, **named)))
