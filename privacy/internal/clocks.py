"""By when a request must be answered; each number carries its law."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """How long the desk has, counted from receipt."""

    within: dt.timedelta
    law: str


# Korea's is the shorter of the two that bind the store, so it serves for everybody until the desk knows better.
ANSWER = Clock(
    dt.timedelta(days=10), "Enforcement Decree of the Personal Information Protection Act Art. 41, 43 and 44"
)
ANSWER_EU = Clock(dt.timedelta(days=30), "GDPR Art. 12(3)")


def expected_by(received_at: dt.datetime, clock: Clock = ANSWER) -> dt.datetime:
    """The moment by which the person must have an answer."""
    return received_at + clock.within
