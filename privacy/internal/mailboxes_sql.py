"""The database's side of finding a mailbox: an index on every column with a person's e-mail address, blind to its spelling."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from privacy.addresses import MAILBOX
from privacy.declaration import Category, Origin, declaration_of, personal_fields
from privacy.internal.whereabouts import holders

# The letters and digits before the @ and before a tag. Whatever `privacy.addresses.canonical` takes for one mailbox is one
# here too; the other way round a few share it, and are told apart by who asks.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {MAILBOX}(address text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT regexp_replace(
        substring(regexp_replace(lower(address), '@[^@]*$', '') FROM '^[+]*[^+]*'), '[^[:alnum:]]', '', 'g')
$body$;
"""  # noqa: S608 - a name of ours


def columns() -> Iterator[tuple[str, str]]:
    """Table and column of every e-mail address that came from a person."""
    for model, _path in holders():
        for field in personal_fields(model, origin=Origin.PERSON):
            if declaration_of(field).category is Category.EMAIL and field.column:
                yield model._meta.db_table, field.column


def index_of(table: str, column: str) -> str:
    """What the index of a column is called."""
    return f"{table}_{column}_mailbox"


def install(cursor: CursorWrapper, existing_tables: set[str]) -> None:
    """Make the indexes that are missing. Runs as the owner; safe to repeat."""
    cursor.execute(FUNCTION)
    for table, column in columns():
        if table in existing_tables:
            cursor.execute(
                f'CREATE INDEX IF NOT EXISTS "{index_of(table, column)}" ON "{table}" ({MAILBOX}("{column}"::text))'
            )
