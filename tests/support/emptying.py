"""After a test that committed, the tables are as `flush` would leave them, for a twentieth of what `flush` costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connections
from django.test import TransactionTestCase
from psycopg2.extensions import cursor as Cursor

# With more than this written, emptying all tables whole is the quicker way.
MOST_BYTES = 4_000_000

_flush = TransactionTestCase._fixture_teardown
# The rows that stand after a `flush`, which writes content types, roles, recipients and the like anew; by table.
_standing: dict[str, list[str]] = {}
_digests: dict[str, str] = {}


def take_over() -> None:
    """Let every test that commits be tidied up after in this way."""
    TransactionTestCase._fixture_teardown = _tidy


def _tidy(test: TransactionTestCase) -> None:
    if _standing and set(test._databases_names(include_mirrors=False)) == {"default"}:
        try:
            with owner() as cursor:
                if restore(cursor):
                    return
        except psycopg2.Error:
            pass  # what a test did to the tables themselves is beyond this, and not beyond the other way
    _flush(test)
    with owner() as cursor:
        remember(cursor)


def remember(cursor: Cursor) -> None:
    """Take what stands in the tables now for what always does."""
    _standing.clear()
    _standing.update(dict(_of_each(cursor, "array_agg(r::text)", _written(cursor))))
    _digests.clear()
    _digests.update(digests(cursor))


def restore(cursor: Cursor) -> bool:
    """Put every table back to what always stands in it; False, with nothing done, where too much was written."""
    written = _written(cursor)
    if sum(written.values()) > MOST_BYTES:
        return False
    now = digests(cursor)
    changed = [table for table in {*now, *_digests} if now.get(table) != _digests.get(table)]
    if not changed:
        return True
    # Evidence refuses to be removed. Switched off and on in one transaction, its guards are never off for others.
    on = [guard for guard in guards(cursor) if guard[0] in changed and guard[2] != "D"]
    cursor.execute("; ".join(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in changed))
    cursor.execute("; ".join(f"DELETE FROM {table}" for table in changed))
    for table in changed:
        if table in _standing:
            cursor.execute(f"INSERT INTO {table} SELECT (x::{table}).* FROM unnest(%s) AS x", [_standing[table]])
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, trigger, enabled in on:
        how = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}[enabled]
        cursor.execute(f'ALTER TABLE {table} {how} TRIGGER "{trigger}"')
    return True


def _written(cursor: Cursor) -> dict[str, int]:
    """The tables that `flush` empties and that have ever held a row since, with their bytes."""
    names = connections["default"].introspection.django_table_names(only_existing=False)
    cursor.execute(
        "SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
        " AND (relnamespace = 'public'::regnamespace AND relname = ANY (%s) OR oid = to_regclass('law_archive.kept'))",
        [names],
    )
    return dict(cursor.fetchall())


def digests(cursor: Cursor) -> dict[str, str]:
    """A digest of all rows of each table that has any, as PostgreSQL writes and reads them."""
    return dict(_of_each(cursor, "md5(string_agg(r::text, '|' ORDER BY r::text))", _written(cursor)))


def _of_each(cursor: Cursor, what: str, tables: Iterable[str]) -> list[tuple[str, Any]]:
    each = [f"SELECT '{table}', {what} FROM {table} AS r HAVING count(*) > 0" for table in tables]
    cursor.execute(" UNION ALL ".join(each) or "SELECT WHERE false")
    return cursor.fetchall()


def guards(cursor: Cursor) -> list[tuple[str, str, str]]:
    """Every trigger that somebody made: its table, its name, and whether it is on."""
    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
    )
    return cursor.fetchall()


@contextmanager
def owner() -> Iterator[Cursor]:
    """A transaction of the role that owns the tables, in the database of the tests."""
    parameters = connections["default"].get_connection_params()
    own = connections["owner"].get_connection_params()
    parameters |= {name: own[name] for name in ("user", "password", "host", "port") if name in own}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    connection = psycopg2.connect(**parameters)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
