"""Notes the choices that are made while a request is served, so that its answer can offer their receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from privacy.models import ConsentEvent
from privacy.models.consent import ConsentMethod, ConsentState

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
    """Remember choices for the answer to the request that is served, if one is."""
    noted = _noted.get()
    if noted is not None:
        noted.extend(event for event in events if _is_an_answer(event))


def _is_an_answer(event: ConsentEvent) -> bool:
    """Whether a person answered a question that stood before them: not being asked, not a clock, not a link in a mail.

    Who opens the link of a mail gets the same answer whether or not it is known, so no receipt is offered there.
    """
    by_person = event.method in (ConsentMethod.FORM, ConsentMethod.API)
    return by_person and bool(event.text_digest) and event.state != ConsentState.REQUESTED
