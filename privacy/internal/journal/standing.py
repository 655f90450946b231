"""Whether this database is as new as the journal: asked at the first use, on each new connection, and once a minute."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import DatabaseError, connection, transaction

from privacy.errors import InQuarantine
from privacy.internal.journal import keys, lines, writing
from privacy.internal.journal.lines import JournalBroken, Line
from privacy.models import JournalMark

logger = logging.getLogger(__name__)

LOOK_EVERY = 60  # seconds
# While it is shut, the store looks more often, so that it opens soon after the replay.
_LOOK_WHILE_SHUT = 3
# Within a transaction a look could take its own lines, which may never be committed, for known.
_LOOK_WITHIN = 600
_AT_A_TIME = 5000
_NOTES = ("done", "void")


class State(Enum):
    """What a look at journal and database found."""

    CLEAR = "clear"
    # The journal tells of what this database has not seen: it was restored from a backup.
    OLDER = "this database is older than the journal"
    # The journal lacks lines that this database has seen, or is not as it was written.
    LOST = "the journal has lost lines"


@dataclass(slots=True)
class _Watch:
    """What this process has read of the journal, and what it still waits for."""

    reader: lines.Reader = field(default_factory=lines.Reader)
    # Lines that this database has not been seen to know.
    waiting: dict[str, Line] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    known: int = 0
    # The newest line that the database knew: when it does not know it any more, it is another database.
    newest: str = ""


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.watch = _Watch()
        self.state = State.CLEAR
        self.looked = float("-inf")
        self.place: Any = None


_process = _Process()


def look_again(**_signal: object) -> None:
    """The next question looks at journal and database itself, for instance since the connection is a new one."""
    _process.looked = float("-inf")


def state() -> State:
    """The state of this installation; at most a minute old."""
    place = lines.place()
    if place is None:
        return State.CLEAR
    if _process.place != place:
        forget_what_was_read()
    if _is_fresh():
        return _process.state
    with _process.lock:
        if not _is_fresh():
            # Before asking: a question that opens a connection must not ask for another look.
            _process.looked = time.monotonic()
            before = _process.state
            try:
                _process.state = _look(_process.watch)
            except DatabaseError:
                # A database that does not answer shows nothing of anybody; the next question asks again.
                _process.looked = float("-inf")
                raise
            _process.looked = time.monotonic()
            if _process.state is not before:
                logger.warning("Journal: %s", _process.state.value)
    return _process.state


def _is_fresh() -> bool:
    if _process.state is not State.CLEAR:
        lasts = _LOOK_WHILE_SHUT
    else:
        lasts = _LOOK_WITHIN if connection.in_atomic_block else LOOK_EVERY
    return time.monotonic() - _process.looked < lasts


def forget_what_was_read() -> None:
    """Begin anew: another journal, or another database."""
    _process.watch, _process.place, _process.looked = _Watch(), lines.place(), float("-inf")
    _process.state = State.CLEAR


def quarantined() -> bool:
    """Whether nobody's data may be shown or used, since the erased may be back."""
    return state() is State.OLDER


def require_clear() -> None:
    """Refuse (`InQuarantine`) whatever would leave the store while erased people may be back."""
    if quarantined():
        raise InQuarantine(
            "This database is older than the journal of erasures, corrections and withdrawals: nothing leaves until "
            "`manage.py replay_journal` has been run."
        )


def missing() -> list[Line]:
    """The lines that this database does not know and that are not known to be void, in their order."""
    watch = _Watch()
    _read_on(watch)
    return list(watch.waiting.values())


def _look(watch: _Watch) -> State:
    # Counted before the journal is read: a line is on the disk before its mark can be seen.
    marks = JournalMark.objects.count()
    if watch.newest and not JournalMark.objects.filter(pk=watch.newest).exists():
        _process.watch = watch = _Watch()
    try:
        _read_on(watch)
    except JournalBroken as error:
        logger.error("%s", error)
        _process.watch = _Watch()
        return State.LOST
    if _older(watch):
        return State.OLDER
    return State.LOST if marks > watch.known else State.CLEAR


def _read_on(watch: _Watch) -> None:
    for line in watch.reader.read():
        if line.kind == "void":
            watch.waiting.pop(line.id, None)
            watch.done.discard(line.id)
        elif line.kind == "done":
            if line.id in watch.waiting:
                watch.done.add(line.id)
        else:
            # The same line again, written anew after it was lost, is the same.
            watch.waiting.setdefault(line.id, line)
            if len(watch.waiting) >= _AT_A_TIME:
                _strike_known(watch)
    _strike_known(watch)


def _strike_known(watch: _Watch) -> None:
    keys_waiting = list(watch.waiting)
    for start in range(0, len(keys_waiting), _AT_A_TIME):
        some = keys_waiting[start : start + _AT_A_TIME]
        known = {str(key) for key in JournalMark.objects.filter(pk__in=some).values_list("pk", flat=True)}
        for key in some:
            if key in known:
                del watch.waiting[key]
                watch.done.discard(key)
                watch.known += 1
                watch.newest = key


def _older(watch: _Watch) -> bool:
    """Whether something that happened is not in this database. What was merely tried is struck off."""
    if any(key in watch.done for key in watch.waiting):
        return True
    if not watch.waiting:
        return False
    cluster = writing.cluster()
    rolled_back = [line for line in watch.waiting.values() if _fate(line, cluster) == "aborted"]
    under_way = [line for line in watch.waiting.values() if _fate(line, cluster) == "in progress"]
    if rolled_back:
        lines.append(*({"id": line.id, "kind": "void"} for line in rolled_back))
        for line in rolled_back:
            keys.forget_value(line.id)
    doubtful = set(watch.waiting) - {line.id for line in [*rolled_back, *under_way]}
    # It may have been committed between the two questions.
    _strike_known(watch)
    return bool(doubtful & set(watch.waiting))


def _fate(line: Line, cluster: str) -> str:
    """What became of the transaction that wrote a line; "unknown" where this cluster cannot tell."""
    if line.what["cluster"] != cluster:
        return "unknown"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_xact_status(%s::text::xid8)", [line.what["transaction"]])
            return cursor.fetchone()[0] or "unknown"
    except DatabaseError:
        return "unknown"  # it has not come yet in this cluster: an older copy of the same one


def lost() -> Iterable[JournalMark]:
    """The marks whose lines the journal does not have."""
    reader, found = lines.Reader(), set()
    for line in reader.read():
        found.add(line.id)
    return [mark for mark in JournalMark.objects.order_by("made_at", "pk").iterator() if str(mark.pk) not in found]
