"""What stands in the database against what the policy lets the store write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from privacy.internal import evidence_sql


@register(Tags.database)
def the_evidence_is_the_stores_own(databases: Any = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E050: rows that the store's own doors could not have written. Runs where the database is asked about."""
    if not databases or "default" not in databases:
        return
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT to_regclass('privacy_showntext') IS NOT NULL AND to_regclass('privacy_erasure') IS NOT NULL"
            )
            found = list(evidence_sql.forgeries(cursor)) if cursor.fetchone()[0] else []
    except DatabaseError:
        return  # no database, or one that was not migrated: the check of the gate says so
    for sentence in found:
        yield Error(
            f"Evidence was forged: {sentence}.",
            hint="Find out who had the store's password to the database, change it, and tell the persons concerned.",
            id="privacy.E050",
        )
