"""By when a request must be answered: a table of laws, read from data; each number carries its law."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from privacy.internal import periods
from privacy.internal.policy import SEVERAL_LAWS

SOURCE = Path(__file__).resolve().parent.parent / "clocks.toml"


@dataclass(frozen=True, slots=True)
class Clock:
    """How long the desk has under one law, counted from receipt, and by how much that may be extended, once."""

    jurisdiction: str
    within: str
    extend: str
    notice_within: str
    law: str

    def due(self, received_at: dt.datetime) -> dt.datetime:
        """The moment by which the person must have an answer."""
        return periods.after(received_at, self.within)

    def due_when_extended(self, received_at: dt.datetime) -> dt.datetime:
        """The last moment for an answer when the person was told in time that it takes longer."""
        return (
            periods.after(periods.after(received_at, self.within), self.extend)
            if self.extend
            else self.due(received_at)
        )

    def extension_until(self, received_at: dt.datetime) -> dt.datetime:
        """Until when the person must have been told that it takes longer."""
        return periods.after(received_at, self.notice_within or self.within)


@cache
def table() -> Mapping[str, Clock]:
    """Every clock by its jurisdiction, as the policy names them; "*" for all others."""
    rows = tomllib.loads(SOURCE.read_text(encoding="utf-8"))["clock"]
    return {
        key: Clock(key, row["within"], row.get("extend", ""), row.get("notice_within", ""), row["law"])
        for key, row in rows.items()
    }


def clock_for(jurisdiction: str = "") -> Clock:
    """The clock of a law; of a person under several laws, or under one that nobody knows, the shortest of all."""
    clocks = table()
    if jurisdiction not in ("", SEVERAL_LAWS):
        return clocks.get(jurisdiction, clocks["*"])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return min(clocks.values(), key=lambda clock: clock.due(start))


def expected_by(received_at: dt.datetime, jurisdiction: str = "") -> dt.datetime:
    """The moment by which the person must have an answer."""
    return clock_for(jurisdiction).due(received_at)


def shortest_days() -> int:
    """What the store tells everybody: the days within which a person is answered whose law nobody knows yet."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return (clock_for().due(start) - start).days
