"""After each night: is what stands in the tables and in the law's archive what the promise says, row by row?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from privacy.internal import expiring, remaining
from tests.campaigns.retention_life import plan
from tests.campaigns.retention_life.patterns import patterns
from tests.campaigns.retention_life.world import World

STILL_SOMEBODYS = {"orders_order": "WHERE subject_id IS NOT NULL OR account_id IS NOT NULL"}
# Reads the law's archive as its owner; the application role could not.
Owner = Callable[[str], list[Any]]


@dataclass(slots=True)
class Figures:
    """What a life came to."""

    nights: int = 0
    orders: int = 0
    records: int = 0
    removed: int = 0
    moved: int = 0
    certificates: int = 0
    longest: dt.timedelta = dt.timedelta()
    wrong: list[str] = field(default_factory=list)


def life(
    seed: int,
    *,
    orders: int,
    years: int,
    owner: Owner,
    say: Callable[[str], None] = lambda _line: None,
    only_nights_with_events: bool = False,
) -> Figures:
    """Live through the years that end now, run the job every night, and judge after each.

    With `only_nights_with_events` nights on which nothing may change are left out, but for the one before each that may:
    a job that is early is early then.
    """
    ends = dt.datetime.now(dt.UTC)
    begins = plan.years_later(ends, -years)
    days = plan.draw(seed, orders=orders, begins=begins, ends=ends - dt.timedelta(days=2))
    world, figures = World(patterns()), Figures(orders=orders)
    expected = world.expected
    nights = list(plan.nights(begins, ends))
    for number, now in enumerate(nights):
        day = days.get(now.date())
        if day:
            world.live(day)
        following = nights[number + 1] if number + 1 < len(nights) else None
        if only_nights_with_events and following and not expected.due_by(following):
            continue
        expected.night(now)
        night = expiring.expire(now)
        figures.nights += 1
        figures.certificates += night.certificates
        figures.removed += night.tally.removed.total()
        figures.moved += night.tally.moved.total()
        figures.wrong += [f"{now:%Y-%m-%d} {name} failed: {error}" for name, error in night.failed.items()]
        figures.wrong += _judge(world, now, owner)
        if number % 100 == 0 or following is None:
            figures.wrong += [f"{now:%Y-%m-%d} overdue: {late}" for late in remaining.overdue(now)]
            figures.wrong += _differences(world, now, owner)
        if number % 365 == 0:
            say(f"{now:%Y-%m-%d} removed={figures.removed} moved={figures.moved} wrong={len(figures.wrong)}")
        if len(figures.wrong) > 20:
            break
    figures.records = sum(len(keys) for keys in expected.in_use.values()) + expected.removed + len(expected.apart)
    figures.longest = expected.longest
    for word, ours, theirs in (
        ("removed", figures.removed, expected.removed),
        ("moved", figures.moved, expected.moved),
    ):
        if ours != theirs:
            figures.wrong.append(f"certified as {word}: {ours}, promised: {theirs}")
    return figures


def _judge(world: World, now: dt.datetime, owner: Owner) -> list[str]:
    """What changed tonight is what had to, and as much stands everywhere as has to; so nothing else changed."""
    expected, wrong = world.expected, []
    with connection.cursor() as cursor:
        for table, keys in expected.in_use.items():
            cursor.execute(f'SELECT count(*) FROM "{table}" {STILL_SOMEBODYS.get(table, "")}')
            found = cursor.fetchone()[0]
            if found != len(keys):
                kind = "early" if found < len(keys) else "late"
                wrong.append(f"{now:%Y-%m-%d} {kind}: {table} holds {found}, promised {len(keys)}")
        for table, gone in expected.left_tonight.items():
            key = "session_key" if table == "django_session" else "id"
            restriction = STILL_SOMEBODYS.get(table, "").replace("WHERE", "AND (") + (
                ")" if table in STILL_SOMEBODYS else ""
            )
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {key}::text = ANY (%s) {restriction}', [gone])
            if cursor.fetchone()[0]:
                wrong.append(f"{now:%Y-%m-%d} late: rows of {table} stayed")
    asked = []
    for table, keys in expected.moved_tonight.items():
        asked.append(("moved", table, keys, len(keys)))
    for table, keys in expected.died_tonight.items():
        asked.append(("died", table, keys, 0))
    for what, table, keys, promised in asked:
        found = owner(
            f"SELECT count(*) FROM law_archive.kept WHERE table_name = '{table}' AND row_id IN ({_listed(keys)})"
        )
        if found[0][0] != promised:
            wrong.append(f"{now:%Y-%m-%d} {what} tonight: {found[0][0]} of {len(keys)} of {table} are in the archive")
    (total,) = owner("SELECT count(*) FROM law_archive.kept")[0]
    if total != len(expected.apart):
        kind = "early" if total < len(expected.apart) else "late"
        wrong.append(f"{now:%Y-%m-%d} {kind}: the archive holds {total}, promised {len(expected.apart)}")
    return wrong


def _listed(keys: list[str]) -> str:
    return ", ".join(f"'{key}'" for key in keys)


def _differences(world: World, now: dt.datetime, owner: Owner) -> list[str]:
    """The whole of it compared, row by row."""
    wrong = []
    for table, keys in world.expected.in_use.items():
        key = "session_key" if table == "django_session" else "id"
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {key}::text FROM "{table}" {STILL_SOMEBODYS.get(table, "")}')
            found = {value for (value,) in cursor.fetchall()}
        if found != keys:
            wrong.append(f"{now:%Y-%m-%d} {table}: {len(found - keys)} too many, {len(keys - found)} too few")
    apart = {(t, k): u for t, k, u in owner("SELECT table_name, row_id, until FROM law_archive.kept")}
    if apart != world.expected.apart:
        differing = set(apart.items()) ^ set(world.expected.apart.items())
        wrong.append(f"{now:%Y-%m-%d} archive: {len(differing)} rows differ, such as {sorted(map(str, differing))[:2]}")
    return wrong
