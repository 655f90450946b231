"""What a batch of page views adds up to: each property of a view by itself, and nothing that says whose it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from cookies.models.traffic import Dimension
from cookies.traffic.hit import END, EVERYWHERE, HOURS, SEPARATOR, TALLY, Tally, day_of, decode

# Dimension and value.
Cell = tuple[str, str]
Visitors = Sequence[str]

# Plain words: a batch asks for them a million times, and a member of an enumeration takes its time to be found.
_PAGE, _ENTRY, _EXIT = Dimension.PAGE.value, Dimension.ENTRY.value, Dimension.EXIT.value
_REFERRER, _DEVICE, _LANGUAGE = Dimension.REFERRER.value, Dimension.DEVICE.value, Dimension.LANGUAGE.value
_COUNTRY, _NO_RESULT, _FUNNEL = Dimension.COUNTRY.value, Dimension.NO_RESULT.value, Dimension.FUNNEL.value
_PLANTED = Dimension.PLANTED.value
_FIELDS = 9  # of a line without its visitor


@dataclass
class Counted:
    """Counts by dimension, hour and value, and who was seen in which cell of which day: for the sketches, not for keeping."""

    hits: int = 0
    withdrawn: int = 0
    planted: int = 0
    damaged: int = 0
    hours: set[int] = field(default_factory=set)
    counts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    seen: dict[str, defaultdict[Cell, set[str]]] = field(default_factory=dict)

    def seen_on(self, hour: int) -> defaultdict[Cell, set[str]]:
        """The cells of the day in which an hour lies."""
        return self.seen.setdefault(day_of(hour), defaultdict(set))


class _Hour:
    """One hour's page views, gathered by what they share; each entry is a list of lists of visitors."""

    def __init__(self) -> None:
        self.pages: defaultdict[str, list[Visitors]] = defaultdict(list)
        self.clients: defaultdict[tuple[str, str, str], list[Visitors]] = defaultdict(list)
        self.entries: defaultdict[str, list[Visitors]] = defaultdict(list)
        self.referrers: defaultdict[str, list[Visitors]] = defaultdict(list)
        self.in_vain: defaultdict[str, list[Visitors]] = defaultdict(list)
        self.went_on: Counter[str] = Counter()


def count(chunks: Iterable[str], withdrawn: set[str], planted: set[str]) -> Counted:
    """Add up the lines of a batch, leaving out the visitors who have withdrawn.

    Most lines differ in their visitor alone. They are gathered by all the rest, and what is the same is read once.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for chunk in chunks:
        for line in chunk.split(END):
            visitor, _separator, rest = line.partition(SEPARATOR)
            alike[rest].append(visitor)
    counted = Counted()
    hours: dict[int, _Hour] = {}
    for rest, visitors in alike.items():
        parts = rest.split(SEPARATOR)
        hour = int(parts[0]) if parts[0].isascii() and parts[0].isdigit() else 0
        if len(parts) != _FIELDS or hour not in HOURS:
            _count_others(counted, rest, visitors)
            continue
        people: Visitors = visitors
        if withdrawn:
            people = [visitor for visitor in people if visitor not in withdrawn]
            counted.withdrawn += len(visitors) - len(people)
        if planted and not planted.isdisjoint(people):
            people = _without_planted(counted, hour, people, planted)
        if people:
            if hour not in hours:
                hours[hour] = _Hour()
            _gather(hours[hour], parts, people)
    for hour, gathered in hours.items():
        _add_up(counted, hour, gathered)
    return counted


def merge_referrers(counted: Counted, named: Callable[[str, Counter[str]], set[str]], other: str) -> None:
    """Count together, under `other`, the referrers that `named` does not name, given a day and how often each came."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (dimension, hour, value), number in counted.counts.items():
        if dimension == _REFERRER:
            found[day_of(hour)][value] += number
    for day, referrers in found.items():
        surplus = referrers.keys() - named(day, referrers)
        if not surplus:
            continue
        for dimension, hour, value in list(counted.counts):
            if dimension == _REFERRER and value in surplus and day_of(hour) == day:
                counted.counts[_REFERRER, hour, other] += counted.counts.pop((dimension, hour, value))
        cells = counted.seen[day]
        cells[_REFERRER, other].update(*(cells.pop((_REFERRER, value)) for value in surplus))


def _gather(hour: _Hour, parts: list[str], visitors: Visitors) -> None:
    _hour, page, referrer, device, language, country, came_from, entered, nothing_in = parts
    hour.pages[page].append(visitors)
    hour.clients[device, language, country].append(visitors)
    if came_from:
        hour.went_on[came_from] += len(visitors)
    if entered:
        hour.entries[page].append(visitors)
    if referrer:
        hour.referrers[referrer].append(visitors)
    if nothing_in:
        hour.in_vain[nothing_in].append(visitors)


def _add_up(counted: Counted, hour: int, gathered: _Hour) -> None:
    counts, seen = counted.counts, counted.seen_on(hour)
    counted.hours.add(hour)
    for page, visits in gathered.pages.items():
        number = sum(map(len, visits))
        counted.hits += number
        counts[_PAGE, hour, page] += number
        counts[_EXIT, hour, page] += number
        if page in settings.TRAFFIC_FUNNEL:
            counts[_FUNNEL, hour, settings.TRAFFIC_FUNNEL[page]] += number
        seen[_PAGE, page].update(*visits)
    # Who goes on has not left: see `Dimension.EXIT`.
    for page, number in gathered.went_on.items():
        counts[_EXIT, hour, page] -= number
    for client, visits in gathered.clients.items():
        number, visitors = sum(map(len, visits)), set().union(*visits)
        for dimension, value in zip((_DEVICE, _LANGUAGE, _COUNTRY), client, strict=True):
            if value:
                counts[dimension, hour, value] += number
                seen[dimension, value] |= visitors
    for dimension, found in ((_ENTRY, gathered.entries), (_REFERRER, gathered.referrers)):
        for value, visits in found.items():
            counts[dimension, hour, value] += sum(map(len, visits))
            seen[dimension, value].update(*visits)
    for category, visits in gathered.in_vain.items():
        cell = (_NO_RESULT, "" if category == EVERYWHERE else category)
        counts[cell[0], hour, cell[1]] += sum(map(len, visits))
        seen[cell].update(*visits)


def _count_others(counted: Counted, rest: str, visitors: Visitors) -> None:
    """Lines that are no page views: numbers of something, what a withdrawal has emptied, and what is damaged."""
    for visitor in visitors:
        if not visitor and not rest:
            continue
        try:
            tally = decode(f"{visitor}{SEPARATOR}{rest}")
        except ValueError:
            tally = None
        if visitor == TALLY and isinstance(tally, Tally) and tally.dimension in Dimension.values:
            counted.counts[tally.dimension, tally.hour, tally.value] += tally.number
            counted.hours.add(tally.hour)
        else:
            counted.damaged += 1


def _without_planted(counted: Counted, hour: int, visitors: Visitors, planted: set[str]) -> Visitors:
    """Count the store's own planted visitors in a cell of their own; the others, who are people."""
    people = [visitor for visitor in visitors if visitor not in planted]
    number = len(visitors) - len(people)
    counted.planted += number
    counted.hours.add(hour)
    counted.counts[_PLANTED, hour, ""] += number
    counted.seen_on(hour)[_PLANTED, ""].update(planted.intersection(visitors))
    return people
