"""Notes the choices that are made while a request is served, so that its answer can offer their receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from privacy.models import ConsentEvent
from privacy.models.consent import ConsentMethod, ConsentState

# What a person did themselves, here and now. Nobody is handed a receipt for what a clock or a letter did.
_BY_PERSON = {ConsentMethod.FORM, ConsentMethod.API, ConsentMethod.ONE_CLICK}

_noted: ContextVar[list[ConsentEvent] | None] = ContextVar("privacy_choices_noted", default=None)


@contextmanager
def noting() -> Iterator[list[ConsentEvent]]:
    """Collect what is chosen within the block."""
    events: list[ConsentEvent] = []
    token = _noted.set(events)
    try:
        yield events
    finally:
        _noted.reset(token)


def note(events: Iterable[ConsentEvent]) -> None:
    """Remember choices for the answer to the request that is served, if one is. Being asked is no choice."""
    noted = _noted.get()
    if noted is not None:
        noted.extend(e for e in events if e.method in _BY_PERSON and e.state != ConsentState.REQUESTED)
