"""One page view as it is kept for seconds: an hour, a visitor key of that day, and four coarse properties."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone

_SEPARATOR = "\t"
_DROPPED = "-"


class Hit(NamedTuple):
    """`hour` counts hours since 1970. No address, no user agent, no path, no query."""

    hour: int
    visitor: str
    page: str
    referrer: str
    device: str
    language: str


def encode(hit: Hit) -> str:
    """The line that waits in Valkey."""
    return _SEPARATOR.join((str(hit.hour), *hit[1:]))


def encode_dropped(hour: int, number: int) -> str:
    """A line that says how many page views did not fit into the memory while Valkey was away."""
    return _SEPARATOR.join((str(hour), _DROPPED, str(number)))


def decode(line: str) -> Hit | tuple[int, int]:
    """The page view of a line, or the hour and the number of those that were dropped."""
    hour, visitor, *rest = line.split(_SEPARATOR)
    if visitor == _DROPPED:
        return int(hour), int(rest[0])
    page, referrer, device, language = rest
    return Hit(int(hour), visitor, page, referrer, device, language)


def moment(hour: int) -> dt.datetime:
    """The beginning of an hour."""
    return dt.datetime.fromtimestamp(hour * 3600, tz=dt.UTC)


@lru_cache(maxsize=64)
def day_of(hour: int) -> str:
    """The store's day, as YYYY-MM-DD, in which an hour lies."""
    return timezone.localdate(moment(hour)).isoformat()
