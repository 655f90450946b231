"""A line is written inside the transaction that it tells of: first the disk, then the mark, then the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from enum import Enum, auto
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from privacy.internal.journal import keys, lines
from privacy.models import JournalMark


class _Told(Enum):
    """How much of what happens now stands in the journal already."""

    NOTHING = auto()
    BY_A_LINE = auto()  # what an erasure itself withdraws
    ALL = auto()  # a replay


_told: ContextVar[_Told] = ContextVar("privacy_journal_told", default=_Told.NOTHING)


def told_already() -> AbstractContextManager[None]:
    """Within this block write no lines but those that say what a line about a person leaves out (`beside`)."""
    return _telling(_Told.BY_A_LINE)


def done_again() -> AbstractContextManager[None]:
    """Write no line at all within this block: it does again what lines say."""
    return _telling(_Told.ALL)


@contextmanager
def _telling(told: _Told) -> Iterator[None]:
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


def is_kept(*, beside: bool = False) -> bool:
    """Whether there is a journal, and what happens now is to be told in it."""
    told = _told.get()
    return lines.place() is not None and (told is _Told.NOTHING or (beside and told is _Told.BY_A_LINE))


def note(kind: str, *, line_id: UUID | None = None, beside: bool = False, **facts: object) -> None:
    """Write one line and its mark. `facts` are keyed hashes and words of ours; a personal value has no place here.

    When the transaction commits, the line is confirmed. When it does not, the next look finds that it was rolled back and
    says so in the journal; only where that cannot be found out any more does a replay take it for true, which removes or
    stops what somebody had asked to be removed or stopped.
    """
    if not is_kept(beside=beside):
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("The journal is written inside the transaction that it tells of.")
    key = line_id or uuid4()
    cluster, transaction_id = _here_and_now()
    what = {
        "id": str(key),
        "kind": kind,
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "key": keys.key_id(),
        "cluster": cluster,
        "transaction": transaction_id,
        **facts,
    }
    lines.append(what)
    JournalMark.objects.create(id=key, kind=kind, line=lines.canonical(what))
    transaction.on_commit(lambda: _confirm(key), robust=True)


_CLUSTER = "c.system_identifier::text || '/' || d.oid"
_OF = "FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()"


def cluster() -> str:
    """Which database of which cluster this is, as the lines name it. A restored dump is another one, a restored disk is not."""
    ((name,),) = _ask(f"SELECT {_CLUSTER} {_OF}")
    return _named(name)


def _here_and_now() -> tuple[str, int]:
    ((name, number),) = _ask(f"SELECT {_CLUSTER}, pg_current_xact_id()::text::bigint {_OF}")
    return _named(name), int(number)


def _named(name: str) -> str:
    return keys.named("cluster", name)[:16]


def _ask(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _confirm(key: UUID) -> None:
    # Losing this line costs nothing: whoever looks next finds the mark and confirms it.
    lines.append({"id": str(key), "kind": "done"}, at_once=False)
