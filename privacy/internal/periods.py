"""Spans of time as laws write them: ISO 8601 durations, with months and years that follow the calendar."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import isodate


@cache
def _read(period: str) -> Any:
    try:
        return isodate.parse_duration(period)
    except isodate.ISO8601Error as error:
        raise ValueError(f"{period!r} is no ISO 8601 duration, such as P5Y, P6M or P5D.") from error


def after(moment: dt.datetime, period: str) -> dt.datetime:
    """The moment one period later. Five years after 29 February is 28 February."""
    return moment + _read(period)


def before(moment: dt.datetime, period: str) -> dt.datetime:
    """The moment one period earlier: what happened by then has lasted that long."""
    return moment - _read(period)


def is_longer(one: str, other: str) -> bool:
    """Whether the first period lasts longer than the second, reckoned from one fixed day."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return after(start, one) > after(start, other)
