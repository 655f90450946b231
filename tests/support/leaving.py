"""A carrier that has a message in its hands for as long as a test wants, so that an opt-out can come in that moment."""

from __future__ import annotations

import threading

from marketing.carriers import Fate, Outcome, Parcel


class SlowHand:
    """Says when it has the message, and lets it go when it is told."""

    def __init__(self) -> None:
        self.has_it, self.may_go = threading.Event(), threading.Event()
        self.taken: list[Parcel] = []

    def carry(self, parcel: Parcel) -> Outcome:
        self.has_it.set()
        self.may_go.wait(20)
        self.taken.append(parcel)
        return Outcome(Fate.TAKEN, 250)
