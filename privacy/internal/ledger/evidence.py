"""Which tables are evidence, and the bytes of a row that a leaf commits to: the same in every session and at every later day."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper

KINDS = ("consent", "collection", "disclosure", "publication", "purge", "erasure", "look", "legal_order")


@dataclass(frozen=True, slots=True)
class Source:
    """A table of evidence."""

    model: type[models.Model]
    kind: str

    @property
    def table(self) -> str:
        """The name that leaves call it by."""
        return self.model._meta.db_table

    @property
    def is_numbered(self) -> bool:
        """Whether its keys are numbers; a leaf then holds the number as the last digits of a UUID."""
        return not isinstance(self.model._meta.pk, models.UUIDField)

    @property
    def time_column(self) -> str:
        """The column in which the store wrote down when; "" where there is none."""
        for field in self.model._meta.concrete_fields:
            if getattr(field, "auto_now_add", False) and isinstance(field, models.DateTimeField):
                return str(field.column)
        return ""

    def record(self, row: str) -> str:
        """SQL for the key of the row `row` as a leaf holds it."""
        return f"lpad(to_hex({row}.id), 32, '0')::uuid" if self.is_numbered else f"{row}.id"

    def row_of(self, leaf: str) -> str:
        """SQL for the key of the row that the leaf `leaf` means, in the type of the table's index."""
        if self.is_numbered:
            return f"('x' || right(replace({leaf}.record::text, '-', ''), 16))::bit(64)::bigint"
        return f"{leaf}.record"

    def key_of(self, record: uuid.UUID) -> int | uuid.UUID:
        """The key of the row that a leaf's `record` means."""
        return record.int if self.is_numbered else record

    def prefix(self) -> bytes:
        """What every leaf of this table begins with: the byte that RFC 9162 puts before leaves, and the table's name."""
        return b"\x00" + self.table.encode() + b"\x00"


def sources() -> list[Source]:
    """Every table of evidence: the models that say `ledger_kind`."""
    found = []
    for model in apps.get_models():
        kind = getattr(model, "ledger_kind", "")
        if not kind:
            continue
        label = model._meta.label
        if kind not in KINDS:
            raise ValueError(f"{label}.ledger_kind is {kind!r}; it must be one of {', '.join(KINDS)}.")
        if not getattr(model, "insert_only", False):
            raise ValueError(f"{label} goes into the ledger, so its rows may not change: say insert_only = True.")
        key = model._meta.pk
        if key.column != "id" or not isinstance(key, models.UUIDField | models.IntegerField):
            raise ValueError(f"{label} goes into the ledger, so its key must be an `id`, a number or a UUID.")
        found.append(Source(model, kind))
    return sorted(found, key=lambda source: source.table)


def source_of(table: str) -> Source | None:
    """The table of evidence by its name."""
    return next((source for source in sources() if source.table == table), None)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database has it, in the order in which it was added."""

    name: str
    type: str

    def value(self, row: str) -> str:
        """SQL for its value, in the type that is hashed: a text column that is made longer keeps its bytes."""
        cast = {"character varying": "::text", "character": "::text", "smallint": "::bigint", "integer": "::bigint"}
        cast["character varying[]"] = "::text[]"
        return f'{row}."{self.name}"{cast.get(self.type, "")}'

    def is_empty(self, row: str) -> str:
        """SQL for whether it holds nothing, as a column must in every row that is older than itself."""
        value = self.value(row)
        if self.type in ("character varying", "character", "text"):
            return f"coalesce({value}, '') = ''"
        if self.type == "boolean":
            return f"{value} IS NOT TRUE"
        if self.type in ("smallint", "integer", "bigint", "numeric"):
            return f"coalesce({value}, 0) = 0"
        if self.type.endswith("[]"):
            return f"coalesce(cardinality({value}), 0) = 0"
        if self.type == "jsonb":
            return f"coalesce({value}, '{{}}') IN ('{{}}', '[]')"
        return f"{value} IS NULL"


def columns_of(cursor: CursorWrapper, table: str) -> list[Column]:
    """The columns of a table, the oldest first: PostgreSQL puts new ones at the end and never reorders them."""
    cursor.execute(
        "SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s AND n.nspname = 'public' "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        [table],
    )
    return [Column(name, kind) for name, kind in cursor.fetchall()]


def bytes_of(columns: list[Column], row: str) -> str:
    """SQL for the bytes of a row: PostgreSQL's binary form, which no session's settings can change."""
    return f"record_send(ROW({', '.join(column.value(row) for column in columns)}))"


def hash_of(source: Source, columns: list[Column], row: str, nonce: str) -> str:
    """SQL for the leaf hash of a row: SHA-256 over the prefix, the nonce and the row's bytes."""
    return f"sha256('\\x{source.prefix().hex()}'::bytea || uuid_send({nonce}) || {bytes_of(columns, row)})"


# What `record_send` writes before each value: the type's number, the same in every PostgreSQL.
_BOOLEAN, _BIGINT, _TEXT, _UUID, _TIMESTAMP = 16, 20, 25, 2950, 1184
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def values_in(row: bytes) -> Iterator[Any]:
    """The values in a row's bytes, for the types that consent events are made of."""
    (count,), at = struct.unpack_from(">i", row), 4
    for _ in range(count):
        kind, length = struct.unpack_from(">Ii", row, at)
        at += 8
        if length < 0:
            yield None
            continue
        value, at = row[at : at + length], at + length
        if kind == _TEXT:
            yield value.decode()
        elif kind == _UUID:
            yield uuid.UUID(bytes=value)
        elif kind == _BOOLEAN:
            yield value == b"\x01"
        elif kind == _BIGINT:
            yield int.from_bytes(value, "big", signed=True)
        elif kind == _TIMESTAMP:
            yield _EPOCH + dt.timedelta(microseconds=int.from_bytes(value, "big", signed=True))
        else:
            raise ValueError(f"No reading of the type {kind} was written.")
