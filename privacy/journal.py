"""What other rooms may do with the journal that outlives a restore: tell something in it, and say how it is done again.

A line carries keyed hashes, ids of this store's own making and words of ours; a value about a person has no place in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from privacy.internal.journal import keys, writing
from privacy.internal.journal.writing import told_already
from privacy.models import Subject

__all__ = ["note", "note_erasure", "note_stop", "replays", "replays_for", "told_already"]

# How each kind of line is done again. It is called with the line and the people of it who stand in this database.
_replays: dict[str, Callable[[Mapping[str, Any], Sequence[Subject]], None]] = {}


def replays(
    kind: str,
) -> Callable[
    [Callable[[Mapping[str, Any], Sequence[Subject]], None]], Callable[[Mapping[str, Any], Sequence[Subject]], None]
]:
    """Register how one kind of line, "app.what", is done again after a restore. Doing it twice must be doing it once."""

    def register(
        handler: Callable[[Mapping[str, Any], Sequence[Subject]], None],
    ) -> Callable[[Mapping[str, Any], Sequence[Subject]], None]:
        _replays[kind] = handler
        return handler

    return register


def replays_for(kind: str) -> Callable[[Mapping[str, Any], Sequence[Subject]], None] | None:
    """How a kind of line is done again; None for one that this software does not know."""
    return _replays.get(kind)


def note(kind: str, people: Iterable[UUID] = (), *, beside: bool = False, **facts: Any) -> None:
    """Tell something in the journal, inside the transaction that does it. `people` are named by keyed hashes.

    `beside` is for what the line of an erasure leaves out, since whoever is not in the backup cannot be looked up there.
    """
    if writing.is_kept(beside=beside):
        writing.note(kind, people=[keys.person(key) for key in people], beside=beside, **facts)


def note_stop(subject: Subject, ways: Iterable[tuple[str, str]], state: str, method: str) -> None:
    """Somebody said no: by which ways, and how."""
    people = [subject.pk, subject.merged_into_id] if subject.merged_into_id else [subject.pk]
    note("stopped", people, ways=[list(way) for way in ways], state=str(state), method=str(method))


def note_erasure(people: Iterable[UUID], why: str) -> None:
    """Somebody is erased. What was sealed of theirs can be read by nobody once that is certain."""
    people = list(people)
    note("erased", people, why=why)
    names = [keys.person(key) for key in people]
    transaction.on_commit(lambda: keys.forget_values_of(names), robust=True)
