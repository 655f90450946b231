"""Checks the whole ledger, from the rows of evidence to the signatures, and names the first entry that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection as the_connection
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from privacy.internal.ledger import journal, keys
from privacy.internal.ledger.database import WAITING
from privacy.internal.ledger.findings import Report
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.keys import PublicKey
from privacy.internal.ledger.recomputing import recompute
from privacy.internal.ledger.walking import Walk

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
        if len(connection.atomic_blocks) == 1:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(_MEMORY)
        known = keys.trusted(connection.alias) if trusted is None else trusted
        Walk(connection, report, known, journal.heads() if witnesses is None else witnesses).run()
        recompute(cursor, report)
        cursor.execute(f"SELECT count(*) FROM {WAITING}")  # noqa: S608 - the name of a table
        (report.waiting,) = cursor.fetchone()
    return report
