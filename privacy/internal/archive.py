"""What only a law keeps stands apart: it goes in by rule, comes out by naming law and reason, and ends on its day."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseError

from privacy.errors import NotOpened
from privacy.internal import retention
from privacy.models import Subject

SCHEMA = "law_archive"
STATEMENTS = Path(__file__).with_name("archive.sql")


@dataclass(frozen=True, slots=True)
class KeptApart:
    """One record that only a law keeps: where it stood, which values, by which law, until when. No value of it."""

    table: str
    row_id: str
    law: str
    until: dt.datetime
    columns: tuple[str, ...] = ()
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One record of the archive, opened: its values, and what it belonged to."""

    table: str
    row_id: str
    until: dt.datetime
    values: Mapping[str, Any]
    links: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of one table one law keeps, how many of them are past a moment, and their first and last day."""

    table: str
    law: str
    kept: int
    due: int
    first_day: dt.datetime
    last_day: dt.datetime


def take(rule: retention.Rule, keys: Iterable[Any], now: dt.datetime) -> dict[str, KeptApart]:
    """Copy into the archive what a law or a hold keeps of these rows; the caller removes them, in the same transaction."""
    rows = _call("SELECT * FROM privacy_archive_take(%s, %s, %s)", rule.table, [str(key) for key in keys], now)
    return {row_id: KeptApart(rule.table, row_id, law, until) for row_id, law, until in rows}


def expire(now: dt.datetime, most: int) -> list[tuple[str, str, int, int]]:
    """Remove at most so many rows that no law keeps any more: table, law, removed, prolonged by a hold."""
    rows = _call("SELECT * FROM privacy_archive_expire(%s, %s)", now, most)
    return [(table, law, int(removed), int(prolonged)) for table, law, removed, prolonged in rows]


def look(person: Subject, *, law: str, reason: str, staff: Subject) -> list[Shown]:
    """Open what one law keeps of one person. The look is written down, for good, before anything is shown.

    `law` is the id of a law of the table, or the words of a legal hold. It needs a transaction of its own: the database
    answers only to a question that is committed. Refused (`NotOpened`) without a law or a reason.
    """
    return _open("SELECT privacy_archive_ask(%s, %s, %s, %s)", person.pk, law, reason, staff.pk)


def look_of(rule: retention.Rule, parent: object, *, law: str, reason: str, staff: Subject) -> list[Shown]:
    """The same for whoever knows only to what the record belonged, such as an order that has lost its buyer."""
    ask = "SELECT privacy_archive_ask_of(%s, %s, %s, %s, %s)"
    return _open(ask, rule.table, str(parent), law, reason, staff.pk)


def _open(ask: str, *parameters: Any) -> list[Shown]:
    try:
        with transaction.atomic(durable=True):
            ((trace,),) = _call(ask, *parameters)
        rows = _call("SELECT * FROM privacy_archive_open(%s)", trace)
    except DatabaseError as error:
        raise NotOpened(str(error).partition("\n")[0]) from error
    return [
        Shown(table, row_id, until, values, links) for table, row_id, _parent, until, values, links in map(_read, rows)
    ]


def _read(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(json.loads(part) if isinstance(part, str) and part.startswith("{") else part for part in row)


def index(people: Iterable[UUID]) -> list[KeptApart]:
    """What is kept apart of some people; never a value."""
    rows = _call("SELECT * FROM privacy_archive_index(%s::uuid[])", [str(key) for key in people])
    return [
        KeptApart(table, row_id, law, until, tuple(names), UUID(str(person)))
        for person, table, row_id, law, until, names in rows
    ]


def kept_of(rule: retention.Rule, parent: object) -> KeptApart | None:
    """Whether the record that belonged to an order or a payment is kept apart; None when it is gone for good."""
    rows = _call("SELECT * FROM privacy_archive_of(%s, %s)", rule.table, str(parent))
    return KeptApart(rule.table, "", *rows[0]) if rows else None


def counts(now: dt.datetime) -> list[Count]:
    """How much is kept apart, by table and law."""
    return [Count(*row) for row in _call("SELECT * FROM privacy_archive_counts(%s)", now)]


def _call(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


# --- what stands in the database --------------------------------------------------------------------------------------


def _rules(cursor: CursorWrapper) -> list[tuple[Any, ...]]:
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')")
    present = {name for (name,) in cursor.fetchall()}
    return [
        (
            rule.table,
            rule.model._meta.pk.column,
            str(rule.model._meta.pk.rel_db_type(connection)),
            rule.reason.law.id if rule.reason.law and rule.reason.outlives_its_purpose else "",
            rule.columns,
            rule.links,
            retention.bare_sql(rule),
        )
        for rule in retention.rules()
        if rule.table in present
    ]


def _digest(rules: list[tuple[Any, ...]]) -> str:
    written = json.dumps([rules, STATEMENTS.read_text(encoding="utf-8")], sort_keys=True)
    return f"rules and functions {hashlib.sha256(written.encode()).hexdigest()}"


def install(cursor: CursorWrapper, role: str) -> None:
    """Build the archive, its rules and its functions, as the owner. Safe to repeat; what is kept stays."""
    rules = _rules(cursor)
    cursor.execute(STATEMENTS.read_text(encoding="utf-8"))
    cursor.execute("DELETE FROM law_archive.rule")
    cursor.executemany("INSERT INTO law_archive.rule VALUES (%s, %s, %s, %s, %s, %s, %s)", rules)
    for function in _functions(cursor):
        cursor.execute(
            f'REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO "{role}"'
        )
    cursor.execute("SELECT current_user, to_regclass('privacy_archivelook') IS NOT NULL")
    owner, has_traces = cursor.fetchone()
    if owner != role:
        cursor.execute(
            f'REVOKE ALL ON SCHEMA law_archive FROM "{role}"; '
            f'REVOKE ALL ON ALL TABLES IN SCHEMA law_archive FROM "{role}"'
        )
        if has_traces:
            # A trace that the application could write itself would prove nothing.
            cursor.execute(f'REVOKE INSERT ON privacy_archivelook FROM "{role}"')
    # For whoever may not read the rules: enough to see that they are the ones that the models ask for.
    cursor.execute("COMMENT ON SCHEMA law_archive IS %s", [_digest(rules)])


def _functions(cursor: CursorWrapper) -> list[str]:
    """The functions by which the archive is used, each with the types of its arguments."""
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'privacy_archive_') ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def differences(cursor: CursorWrapper, role: str) -> list[str]:
    """In what the archive of this database is not the one that the models ask for; empty when they agree."""
    cursor.execute(
        "SELECT obj_description(oid, 'pg_namespace'), has_schema_privilege(%s, oid, 'USAGE'), nspowner::regrole::text "
        "FROM pg_namespace WHERE nspname = %s",
        [role, SCHEMA],
    )
    found = cursor.fetchone()
    if found is None:
        return ["there is no schema for what only a law keeps"]
    described, enters, owner = found
    if owner == role:
        return []
    wrong = []
    if described != _digest(_rules(cursor)):
        wrong.append("the law's archive has other rules or functions than the models and the policy ask for")
    cursor.execute("SELECT has_table_privilege(%s, 'privacy_archivelook', 'INSERT')", [role])
    if cursor.fetchone()[0]:
        wrong.append("the application role may write the trace of a look into the law's archive itself")
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' "
        "AND has_table_privilege(%s, oid, 'SELECT, INSERT, UPDATE, DELETE')",
        [SCHEMA, role],
    )
    readable = [name for (name,) in cursor.fetchall()]
    if enters or readable:
        wrong.append("the application role may enter the law's archive")
    return wrong
