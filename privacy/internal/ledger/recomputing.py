"""The first half of a check: every leaf is computed again from its row of evidence, and every row of evidence has its leaf."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from privacy.internal.ledger import evidence
from privacy.internal.ledger.database import ENTRIES, WAITING
from privacy.internal.ledger.evidence import Column, Source
from privacy.internal.ledger.findings import Report


def recompute(cursor: CursorWrapper, report: Report) -> None:
    """Compare the leaves with the evidence, table by table, inside the database: no row has to travel."""
    known = evidence.sources()
    for source in known:
        _recompute_table(cursor, report, source)
    names = ", ".join(f"'{source.table}'" for source in known) or "''"
    cursor.execute(f"SELECT min(position) FROM {ENTRIES} WHERE source NOT IN ({names})")  # noqa: S608 - names of tables
    (stranger,) = cursor.fetchone()
    if stranger is not None:
        report.add("stranger", "it speaks of a table that holds no evidence.", stranger)


def _recompute_table(cursor: CursorWrapper, report: Report, source: Source) -> None:
    columns = evidence.columns_of(cursor, source.table)
    if not columns:
        cursor.execute(f"SELECT min(position) FROM {ENTRIES} WHERE source = %s", [source.table])  # noqa: S608
        (first,) = cursor.fetchone()
        if first is not None:
            report.add("deleted", f"its row of evidence is gone with the whole table {source.table}.", first)
        return
    width = len(columns)
    # One pass over the table that costs as little as can be; only where it does not come out even is looked closer.
    cursor.execute(
        "SELECT count(*), count(e.position), count(x.id), min(e.width), max(e.width), bool_or(e.earlier),"  # noqa: S608
        f' min(CASE WHEN {_differs(source, columns)} THEN e.position END), (SELECT count(*) FROM "{source.table}") '
        f"FROM {_joined(source)}"
    )
    together, entered, found, narrowest, widest, any_earlier, changed, rows = cursor.fetchone()
    if together > found or (entered and not narrowest == widest == width):
        changed = _look_closer(cursor, report, source, columns)
    if changed is not None:
        said = f"its row of evidence in {source.table} is not what was entered{_named(cursor, source, changed)}."
        report.add("changed", said, changed)
    if together > entered:
        _name_rows_without_leaf(cursor, report, source)
    if found > rows:
        _name_second_leaf(cursor, report, source)
    if any_earlier:
        _hold_order(cursor, report, source)


def _look_closer(cursor: CursorWrapper, report: Report, source: Source, columns: list[Column]) -> int | None:
    """Rows that are gone, and rows from before the table got its newest columns; the first that was changed is returned.

    Of an older row the leaf is over the columns that there were, and the others must be empty.
    """
    cursor.execute(f"SELECT min(e.position) FROM {_joined(source)} WHERE x.id IS NULL")  # noqa: S608
    (missing,) = cursor.fetchone()
    if missing is not None:
        said = f"its row of evidence in {source.table} is gone{_named(cursor, source, missing)}."
        report.add("deleted", said, missing)
    cursor.execute(f"SELECT DISTINCT width FROM {ENTRIES} WHERE source = %s", [source.table])  # noqa: S608
    changed = []
    for (width,) in cursor.fetchall():
        wrong = "true"
        if 0 < width <= len(columns):
            filled = [f"NOT ({column.is_empty('x')})" for column in columns[width:]]
            wrong = " OR ".join([_differs(source, columns[:width]), *filled])
        cursor.execute(
            f"SELECT min(e.position) FROM {_joined(source)} WHERE e.width = {int(width)} AND x.id IS NOT NULL AND ({wrong})"  # noqa: S608
        )
        changed += [position for (position,) in cursor.fetchall() if position is not None]
    return min(changed, default=None)


def _hold_order(cursor: CursorWrapper, report: Report, source: Source) -> None:
    """Evidence that was there before the ledger was can only have been entered before all other of its table."""
    cursor.execute(
        f"SELECT max(position) FILTER (WHERE earlier), min(position) FILTER (WHERE NOT earlier) FROM {ENTRIES} "  # noqa: S608
        "WHERE source = %s",
        [source.table],
    )
    last_earlier, first_ordinary = cursor.fetchone()
    if last_earlier is not None and first_ordinary is not None and last_earlier > first_ordinary:
        said = f"it claims to be older than the ledger, and entries of {source.table} before it do not."
        report.add("backdated", said, last_earlier)


def _joined(source: Source) -> str:
    entries = f"(SELECT * FROM {ENTRIES} WHERE source = '{source.table}') e"  # noqa: S608 - names of tables
    return f'{entries} FULL JOIN "{source.table}" x ON e.record = {source.record("x")}'


def _differs(source: Source, columns: list[Column]) -> str:
    again = evidence.hash_of(source, columns, "x", "e.nonce")
    time = f' OR e.recorded_at IS DISTINCT FROM x."{source.time_column}"' if source.time_column else ""
    return f"e.leaf_hash IS DISTINCT FROM {again}{time}"


def _name_rows_without_leaf(cursor: CursorWrapper, report: Report, source: Source) -> None:
    cursor.execute(
        f"SELECT x.id, count(*) OVER () FROM {_joined(source)} WHERE e.position IS NULL AND NOT EXISTS "  # noqa: S608
        f"(SELECT FROM {WAITING} w WHERE w.source = %s AND w.record = {source.record('x')}) ORDER BY x.id::text LIMIT 1",
        [source.table],
    )
    row = cursor.fetchone()
    if row is not None:
        key, number = row
        others = f" and {number - 1} more" if number > 1 else ""
        report.add(
            "inserted", f"The row {key}{others} of {source.table} did not come into the ledger when it was written."
        )


def _name_second_leaf(cursor: CursorWrapper, report: Report, source: Source) -> None:
    cursor.execute(
        f"SELECT max(position) FROM {ENTRIES} WHERE source = %s GROUP BY record HAVING count(*) > 1 ORDER BY 1 LIMIT 1",  # noqa: S608
        [source.table],
    )
    row = cursor.fetchone()
    position = row[0] if row else None
    report.add("repeated", f"a row of {source.table} has a second entry.", position)


def _named(cursor: CursorWrapper, source: Source, position: int) -> str:
    cursor.execute(f"SELECT record FROM {ENTRIES} WHERE position = %s", [position])  # noqa: S608
    row = cursor.fetchone()
    return f" (key {source.key_of(row[0])})" if row else ""
