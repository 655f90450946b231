"""A carrier that takes text and push messages and sends none: a shop without a provider can be tried whole."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from marketing.carriers import Fate, Line, Outcome, Parcel
from orders.payment import signature

# What was taken last, for a test to look at; a process forgets it with its end.
taken: deque[Parcel] = deque(maxlen=100)
# Numbers that are given up and devices whose application is gone, as a test says.
gone: set[str] = set()


class SandboxCarrier:
    """Takes what a provider would take: a number or a key that is one, and at most 2,000 bytes."""

    MOST_BYTES = 2000

    @contextmanager
    def line(self) -> Iterator[Line]:
        yield self

    def carry(self, parcel: Parcel) -> Outcome:
        if not parcel.to.strip() or parcel.to in gone:
            return Outcome(Fate.REFUSED, 410 if parcel.to in gone else 400, no_such_address=True)
        if len(parcel.content) > self.MOST_BYTES:
            return Outcome(Fate.REFUSED, 413)
        taken.append(parcel)
        return Outcome(Fate.TAKEN, 200)


def answered(number: str, words: str, now: float) -> tuple[bytes, str]:
    """What the provider passes on when somebody answers a message: the body, and the signature for its header."""
    body = json.dumps({"from": number, "text": words}).encode()
    return body, signature.sign(settings.MARKETING_TEXTS_SECRET, body, int(now))
