"""A job that was off for years finds everything at once."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from privacy.internal import expiring, remaining
from tests.campaigns.retention_life import plan
from tests.campaigns.retention_life.patterns import patterns
from tests.campaigns.retention_life.world import World


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many rows went, and how long that took."""

    rows: int
    seconds: float


def meet_backlog(orders: int) -> Backlog:
    """So many orders of six and of two years ago stand in the tables; one run brings all of them to their end."""
    world, now = World(patterns()), dt.datetime.now(dt.UTC)
    for number in range(orders):
        placed = plan.years_later(now, -6 if number % 2 else -2)
        world.live(plan.Day(sales=[plan.Sale(placed, placed, None, None, placed, placed)]))
    started = time.monotonic()
    night = expiring.expire()
    seconds = time.monotonic() - started
    if night.failed or remaining.records_overdue():
        raise AssertionError(f"The backlog was not met: {night.failed}")
    return Backlog(night.tally.removed.total() + night.tally.moved.total(), seconds)
