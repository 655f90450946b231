"""Checks the whole ledger, from the rows of evidence to the signatures, and names the first entry that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection as the_connection
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from privacy.internal.ledger import journal, keys
from privacy.internal.ledger.database import WAITING
from privacy.internal.ledger.findings import Report
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.keys import PublicKey
from privacy.internal.ledger.recomputing import recompute
from privacy.internal.ledger.walking import Walk

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
# For the two big joins only, and only until the check has ended.
_MEMORY = "SET LOCAL work_mem = '256MB'; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0"


def verify(
    connection: BaseDatabaseWrapper = the_connection,
    *,
    trusted: Mapping[str, PublicKey] | None = None,
    witnesses: Iterable[Head] | None = None,
) -> Report:
    """Check everything in one snapshot. Nothing is written.

    `trusted` are the keys whose signature counts, by default those that the environment's key leads to. `witnesses` are
    heads that were kept outside the database, by default those of the signer's journal.
    """
    report = Report()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        alone = len(connection.atomic_blocks) == 1
        if alone:
            cursor.execute(_SNAPSHOT)
        cursor.execute(_MEMORY)
        known = keys.trusted(connection.alias) if trusted is None else trusted
        kept_outside = journal.heads() if witnesses is None else witnesses
        if alone:
            # This process hashes the tree while the server hashes the evidence.
            with ThreadPoolExecutor(1) as beside, _same_snapshot(connection, cursor) as second:
                walk = beside.submit(Walk(second, report, known, kept_outside).run)
                recompute(cursor, report)
                walk.result()
        else:
            # What the transaction around this has written is seen by its own connection only.
            Walk(connection, report, known, kept_outside).run()
            recompute(cursor, report)
        cursor.execute(f"SELECT count(*) FROM {WAITING}")  # noqa: S608 - the name of a table
        (report.waiting,) = cursor.fetchone()
    return report


@contextmanager
def _same_snapshot(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A second connection that sees exactly what the first one sees."""
    cursor.execute("SELECT pg_export_snapshot()")
    (name,) = cursor.fetchone()
    second = connections.create_connection(connection.alias)
    second.inc_thread_sharing()
    try:
        second.set_autocommit(False)
        with second.cursor() as own:
            own.execute(_SNAPSHOT)
            own.execute("SET TRANSACTION SNAPSHOT %s", [name])
        yield second
    finally:
        second.close()
