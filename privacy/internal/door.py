"""Which collection is open right now, and what it covers: the check that developers meet first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models

from privacy.declaration import column_key
from privacy.errors import NotCollected

if TYPE_CHECKING:
    from privacy.models import Collection


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """The collection under which personal values may be written, until the `with` block that opened it ends."""

    collection: Collection
    covered: frozenset[str]


_open: ContextVar[OpenDoor | None] = ContextVar("privacy_open_door", default=None)


def current() -> OpenDoor | None:
    """The door that is open in this thread of work, if one is."""
    return _open.get()


@contextmanager
def opened(door: OpenDoor) -> Iterator[None]:
    """Hold the door open for the length of the block."""
    token = _open.set(door)
    try:
        yield
    finally:
        _open.reset(token)


def current_subject_id(model: type[models.Model]) -> UUID:
    """Whom the open collection is about."""
    door = _open.get()
    if door is None:
        raise NotCollected(f"{model._meta.label} is about a person: write it inside collecting(…).")
    return door.collection.subject_id


def require(model: type[models.Model], fields: Sequence[models.Field], *, subject_id: UUID | None) -> Collection:
    """The open collection, or a refusal that names the field which nothing covers."""
    door = _open.get()
    names = ", ".join(f.name for f in fields) or "a new record"
    if door is None:
        raise NotCollected(
            f"{model._meta.label}: {names} may only be written inside collecting(surface=…, subject=…, fields=[…])."
        )
    uncovered = [f.name for f in fields if column_key(f) not in door.covered]
    if uncovered:
        raise NotCollected(
            f"{model._meta.label}: the collection at {door.collection.surface} does not cover {', '.join(uncovered)}. "
            f"Add the field to its form or to collecting(fields=[…])."
        )
    if subject_id is not None and subject_id != door.collection.subject_id:
        raise NotCollected(f"{model._meta.label}: the open collection is about another person.")
    return door.collection
