"""What waits in Valkey, under which key, and the few commands that move it. Nothing here is written to a disk."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# The braces keep all keys in one slot of a Valkey cluster, since the scripts below touch several.
PENDING = "{traffic}:pending"
BATCHES = "{traffic}:batches"
BATCH = "{traffic}:batch:"
SENT = "{traffic}:sent:"
SALT = "{traffic}:salt:"
WITHDRAWN = "{traffic}:withdrawn"
DAYS = "{traffic}:days"
CELLS = "{traffic}:cells:"
SEEN = "{traffic}:seen:"
SEEN_SINCE = "{traffic}:seen-since:"

SALT_LIVES = 2 * 24 * 3600
SKETCH_LIVES = 7 * 24 * 3600
# A withdrawn visitor's hits may still be in the memory of another process; by then they have come through.
WITHDRAWAL_HOLDS = 120
# A page does not wait longer than this for Valkey.
_PATIENCE = 0.3

# A hand-over whose answer was lost is repeated under the same id, and arrives once.
_PUSH = """
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', 3600) then
    return redis.call('RPUSH', KEYS[2], unpack(ARGV))
end
return 0
"""
_CLAIM = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('SADD', KEYS[3], ARGV[1])
return 1
"""
_FORGET = """
local removed = 0
for _, key in ipairs(KEYS) do
    for _, line in ipairs(redis.call('LRANGE', key, 0, -1)) do
        if string.find(line, ARGV[1], 1, true) then
            removed = removed + redis.call('LREM', key, 0, line)
        end
    end
end
return removed
"""


def valkey() -> redis.Redis:
    """The client of this process; redis-py gives a forked child connections of its own."""
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=_PATIENCE if not url.startswith("unix") else 5,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def push(chunk_id: str, lines: list[str]) -> None:
    """Hand over up to a few hundred lines in one command; the same id again adds nothing."""
    valkey().eval(_PUSH, 2, SENT + chunk_id, PENDING, *lines)


def salt_of(day: str, offered: str) -> str:
    """The salt of a day: the offered one when there was none yet, else the one that is there."""
    client = valkey()
    client.set(SALT + day, offered, nx=True, ex=SALT_LIVES)
    return client.get(SALT + day) or offered


def forget(visitor: str) -> int:
    """Remove a visitor's hits that wait, and have those refused that are still on their way; how many were removed."""
    client = valkey()
    with client.pipeline(transaction=False) as pipe:
        pipe.zadd(WITHDRAWN, {visitor: time.time()})
        pipe.expire(WITHDRAWN, WITHDRAWAL_HOLDS)
        pipe.smembers(BATCHES)
        batches = pipe.execute()[-1]
    keys = [PENDING, *(BATCH + batch for batch in batches)]
    return int(client.eval(_FORGET, len(keys), *keys, visitor))


def withdrawn() -> set[str]:
    """The visitors who have just taken their permission back."""
    client = valkey()
    client.zremrangebyscore(WITHDRAWN, 0, time.time() - WITHDRAWAL_HOLDS)
    return set(client.zrange(WITHDRAWN, 0, -1))


def claim() -> str | None:
    """Put everything that waits into a batch of its own, in one step; the batch's id, None when nothing waits."""
    batch = str(uuid.uuid4())
    return batch if valkey().eval(_CLAIM, 3, PENDING, BATCH + batch, BATCHES, batch) else None


def batches() -> list[str]:
    """The ids of all claimed batches, those of workers that died included."""
    return sorted(valkey().smembers(BATCHES))


def lines_of(batch: str) -> list[str]:
    """A batch whole, in one command: lines that a withdrawal takes out meanwhile shift nothing."""
    return valkey().lrange(BATCH + batch, 0, -1)


def remove(batch: str) -> None:
    """The batch is gone."""
    with valkey().pipeline(transaction=True) as pipe:
        pipe.delete(BATCH + batch)
        pipe.srem(BATCHES, batch)
        pipe.execute()


def add_visitors(day: str, since_hour: int, cells: Mapping[str, Iterable[str]]) -> None:
    """Add visitors to the day's sketches, one for each cell. A sketch does not tell who was added; twice is once."""
    with valkey().pipeline(transaction=False) as pipe:
        pipe.sadd(DAYS, day)
        pipe.set(SEEN_SINCE + day, since_hour, nx=True, ex=SKETCH_LIVES)
        for cell, visitors in cells.items():
            pipe.sadd(CELLS + day, cell)
            pipe.pfadd(f"{SEEN}{day}:{cell}", *visitors)
            pipe.expire(f"{SEEN}{day}:{cell}", SKETCH_LIVES)
        pipe.expire(CELLS + day, SKETCH_LIVES)
        pipe.execute()


def open_days() -> list[str]:
    """The days whose visitors are still sketches."""
    return sorted(valkey().smembers(DAYS))


def visitors_of(day: str) -> dict[str, int]:
    """About how many visitors each cell of an open day has had."""
    client = valkey()
    cells = sorted(client.smembers(CELLS + day))
    if not cells:
        return {}
    with client.pipeline(transaction=False) as pipe:
        for cell in cells:
            pipe.pfcount(f"{SEEN}{day}:{cell}")
        return dict(zip(cells, pipe.execute(), strict=True))


def seen_since(day: str) -> int | None:
    """The hour of the first page view that the day's sketches know of."""
    hour = valkey().get(SEEN_SINCE + day)
    return int(hour) if hour else None


def close(day: str) -> None:
    """Remove a day's sketches and its salt: nobody can be recognised again."""
    client = valkey()
    cells = client.smembers(CELLS + day)
    with client.pipeline(transaction=False) as pipe:
        for cell in cells:
            pipe.delete(f"{SEEN}{day}:{cell}")
        pipe.delete(CELLS + day, SEEN_SINCE + day, SALT + day)
        pipe.srem(DAYS, day)
        pipe.execute()
