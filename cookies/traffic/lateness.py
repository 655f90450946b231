"""For how long page views have been waiting to be counted: in this process and in Valkey."""

from __future__ import annotations

from redis.exceptions import RedisError

from cookies.traffic import buffer, store

PROMISED = store.PROMISED  # seconds


def lateness() -> float:
    """The age of the oldest page view that waits anywhere, in seconds.

    While Valkey does not answer, only what waits in this process is known; `RedisError` when nothing is late there.
    """
    here = buffer.hits.stuck_for()
    try:
        return max(here, store.oldest())
    except RedisError:
        if here > PROMISED:
            return here
        raise
