"""What can go wrong, in an order drawn from the seed; every kind comes before any comes again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from tests.campaigns.upheaval.wire import CALM
from tests.campaigns.upheaval.world import World

# `web/one` is one of gunicorn's processes, `worker/one` one of Celery's; the plain name is their master.
KILLED = ("web", "web/one", "worker", "worker/one", "beat", "postgres", "valkey", "provider", "courier")
# How long a wire stays in a bad mood.
SECONDS_OF_MOOD = 2.5


def drawn(seed: int, world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Faults without an end: a name, and the deed."""
    draws = random.Random(seed)
    deeds: dict[str, Callable[[], None]] = {f"kill -9 {name}": _killing(world, name) for name in KILLED}
    deeds |= {"FLUSHALL": world.flush, "a second beat": world.second_beat}
    deeds |= {f"{wire} {mood}": _in_mood(world, wire, mood) for wire in world.wires for mood in world.wires[wire].moods}
    while True:
        names = list(deeds)
        draws.shuffle(names)
        for name in names:
            yield name, deeds[name]


def _killing(world: World, name: str) -> Callable[[], None]:
    return lambda: world.kill(name)


def _in_mood(world: World, wire: str, mood: str) -> Callable[[], None]:
    def deed() -> None:
        world.wires[wire].mood = mood
        time.sleep(SECONDS_OF_MOOD)
        world.wires[wire].mood = CALM

    return deed
