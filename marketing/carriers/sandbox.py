"""A carrier that takes text and push messages and sends none: a shop without a provider can be tried whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from marketing.carriers import Fate, Line, Outcome, Parcel

# What was taken last, for a test to look at; a process forgets it with its end.
taken: deque[Parcel] = deque(maxlen=100)


class SandboxCarrier:
    """Takes what a provider would take: a number or a key that is one, and at most 2,000 bytes."""

    MOST_BYTES = 2000

    @contextmanager
    def line(self) -> Iterator[Line]:
        yield self

    def carry(self, parcel: Parcel) -> Outcome:
        if not parcel.to.strip():
            return Outcome(Fate.REFUSED, 400, no_such_address=True)
        if len(parcel.content) > self.MOST_BYTES:
            return Outcome(Fate.REFUSED, 413)
        taken.append(parcel)
        return Outcome(Fate.TAKEN, 200)
