"""Which versions of the policy are published, known without a question to the database on the way of a page."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

# A publication lies at least a day in the future, so a process may know of it a little later. It looks again after a
# request or a task, never before one, unless it was idle for long.
LOOK_AGAIN_AFTER = 60.0  # seconds
NEVER_OLDER_THAN = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Published:
    """One version that is, was or will be in force."""

    version: str
    effective: dt.date
    digest: str
    founding: bool = False


_lock = threading.Lock()
_known: tuple[Published, ...] | None = None
_looked_at = 0.0


def all_of_them() -> tuple[Published, ...] | None:
    """Every published version, the first one first. None where no database can say: before the first migration, in a check."""
    if _known is None or time.monotonic() - _looked_at > NEVER_OLDER_THAN:
        look()
    return _known


def look() -> None:
    """Ask the database now. When it does not answer, what was known stays known."""
    global _looked_at
    try:
        found = _read()
    except DatabaseError as error:
        logger.warning("The publications of the policy could not be read: %s", type(error).__name__)
        _looked_at = time.monotonic() if _known is not None else 0.0
        return
    if found:
        know(found)


def know(publications: Iterable[Published]) -> None:
    """Remember these as what is published."""
    global _known, _looked_at
    _known = tuple(sorted(publications, key=lambda p: p.effective))
    _looked_at = time.monotonic()


def look_again_when_old(**_signal: Any) -> None:
    """After a request or a task: ask again when the last look is a minute ago. One thread of a process does it."""
    global _looked_at
    if _known is None or time.monotonic() - _looked_at < LOOK_AGAIN_AFTER:
        return
    if _lock.acquire(blocking=False):
        try:
            look()
        finally:
            _lock.release()


def _read() -> list[Published]:
    from privacy.models import Publication

    table = Publication._meta.db_table
    with connections["default"].cursor() as cursor:
        # Asked first, since a question that fails would spoil the transaction that goes on around it.
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(f'SELECT version, effective, digest, founding FROM "{table}"')  # noqa: S608 - a table of ours
        return [Published(*row) for row in cursor.fetchall()]
