"""One page view as it is kept for seconds: an hour, a visitor key of that day, and coarse properties."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone

SEPARATOR = "\t"
END = "\n"
# In the place of a visitor: a line that is no page view but a number of something.
TALLY = "-"
# Hours that can be meant: the years 2015 to 2084.
HOURS = range(400_000, 1_000_000)
# In the place of a category: the search was not limited to one.
EVERYWHERE = "*"


class Hit(NamedTuple):
    """`hour` counts hours since 1970. No address, no user agent, no path, no query."""

    hour: int
    visitor: str
    page: str
    referrer: str
    device: str
    language: str
    country: str = ""
    # The template of the store's own page whose link was followed.
    came_from: str = ""
    # Whether this is the page view with which the visit got its name.
    entered: bool = False
    # The category in which a search found nothing, or EVERYWHERE.
    nothing_in: str = ""


class Tally(NamedTuple):
    """So many of something that has no visitor: robots, dropped page views."""

    hour: int
    dimension: str
    value: str
    number: int


def encode(hit: Hit) -> str:
    """The line that waits in Valkey: the visitor first, then everything that many page views have in common."""
    hour, visitor, page, referrer, device, language, country, came_from, entered, nothing_in = hit
    seen = "1" if entered else ""
    return f"{visitor}\t{hour}\t{page}\t{referrer}\t{device}\t{language}\t{country}\t{came_from}\t{seen}\t{nothing_in}"


def encode_tally(tally: Tally) -> str:
    """The line of a number."""
    return f"{TALLY}\t{tally.hour}\t{tally.dimension}\t{tally.value}\t{tally.number}"


def decode(line: str) -> Hit | Tally:
    """What a line says; `ValueError` for one that is damaged."""
    visitor, hours, *rest = line.split(SEPARATOR)
    hour = int(hours)
    if hour not in HOURS:
        raise ValueError("That hour cannot be meant.")
    if visitor == TALLY:
        dimension, value, number = rest
        return Tally(hour, dimension, value, int(number))
    page, referrer, device, language, country, came_from, entered, nothing_in = rest
    return Hit(hour, visitor, page, referrer, device, language, country, came_from, entered == "1", nothing_in)


def moment(hour: int) -> dt.datetime:
    """The beginning of an hour."""
    return dt.datetime.fromtimestamp(hour * 3600, tz=dt.UTC)


@lru_cache(maxsize=64)
def day_of(hour: int) -> str:
    """The store's day, as YYYY-MM-DD, in which an hour lies."""
    return timezone.localdate(moment(hour)).isoformat()
