"""A line is written inside the transaction that it tells of: first the disk, then the mark, then the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from privacy.internal.journal import keys, lines
from privacy.models import JournalMark

# What happens inside is told by a line already: a replay, or what an erasure itself withdraws.
_told: ContextVar[bool] = ContextVar("privacy_journal_told", default=False)


@contextmanager
def told_already() -> Iterator[None]:
    """Write no further lines within this block."""
    token = _told.set(True)
    try:
        yield
    finally:
        _told.reset(token)


def is_kept() -> bool:
    """Whether there is a journal, and what happens now is to be told in it."""
    return lines.place() is not None and not _told.get()


def note(kind: str, *, line_id: UUID | None = None, **facts: object) -> None:
    """Write one line and its mark. `facts` are keyed hashes and words of ours; a personal value has no place here.

    When the transaction commits, the line is confirmed. When it does not, the next look finds that it was rolled back and
    says so in the journal; only where that cannot be found out any more does a replay take it for true, which removes or
    stops what somebody had asked to be removed or stopped.
    """
    if not is_kept():
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("The journal is written inside the transaction that it tells of.")
    key = line_id or uuid4()
    what = {
        "id": str(key),
        "kind": kind,
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "key": keys.key_id(),
        "cluster": cluster(),
        "transaction": _transaction(),
        **facts,
    }
    lines.append(what)
    JournalMark.objects.create(id=key, kind=kind, line=lines.canonical(what))
    transaction.on_commit(lambda: _confirm(key), robust=True)


def cluster() -> str:
    """Which database of which cluster this is, as the lines name it. A restored dump is another one, a restored disk is not."""
    ((name,),) = _ask(
        "SELECT c.system_identifier::text || '/' || d.oid FROM pg_control_system() c, pg_database d "
        "WHERE d.datname = current_database()"
    )
    return keys.named("cluster", name)[:16]


def _transaction() -> int:
    ((number,),) = _ask("SELECT pg_current_xact_id()::text::bigint")
    return int(number)


def _ask(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _confirm(key: UUID) -> None:
    # Losing this line costs nothing: whoever looks next finds the mark and confirms it.
    lines.append({"id": str(key), "kind": "done"}, at_once=False)
