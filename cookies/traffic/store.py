"""What waits in Valkey, under which key, and the few commands that move it. Nothing here is written to a disk."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from cookies.traffic.hit import END

# A sender is one web process. The braces put all keys of one sender into one slot of a Valkey cluster, which is what a
# script can touch, and different senders into different ones; the same goes for the days.
SENDERS = "traffic:senders"
PENDING = "traffic:{%s}:pending"
SENT = "traffic:{%s}:sent"
BATCHES = "traffic:{%s}:batches"
BATCH = "traffic:{%s}:batch:%s"
SALT = "traffic:salt:%s"
WITHDRAWN = "traffic:withdrawn"
PLANTED = "traffic:planted"
LIFE = "traffic:life"
AUDIT = "traffic:audit"
DAYS = "traffic:days"
CELLS = "traffic:{%s}:cells"
SEEN = "traffic:{%s}:seen:%s"

SALT_LIVES = 2 * 24 * 3600
SKETCH_LIVES = 7 * 24 * 3600
# A page view that waits longer than this breaks what the policy says of it.
PROMISED = 120
# Page views go before they are counted rather than stay longer than this.
RAW_LIVES = 24 * 3600
# A sender that has been silent for as long has died; a living one names itself each minute.
SENDER_LIVES = 2 * 3600
# A withdrawn visitor's hits may still be in the memory of another process; by then they have come through.
WITHDRAWAL_HOLDS = 120
PLANTED_HOLDS = 1800
AUDIT_LASTS = 900
# Hand-overs in one batch: at 500 hits each, as much as a worker takes into its memory and one transaction at once.
BATCH_HOLDS = 400
# A page does not wait longer than this for Valkey.
_PATIENCE = 0.3

# A hand-over whose answer was lost is repeated under the same number, and arrives once. The answer -1 says that this
# sender's former hand-overs are not known here: Valkey has lost what it held.
_PUSH = """
local last = redis.call('GET', KEYS[2])
local number = tonumber(ARGV[1])
if last and tonumber(last) >= number then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3], 'NX')
if not last and number > 1 then return -1 end
return 1
"""
_CLAIM = """
local waiting = redis.call('LLEN', KEYS[1])
if waiting == 0 then return 0 end
local most = tonumber(ARGV[2])
if waiting <= most then
    redis.call('RENAME', KEYS[1], KEYS[2])
else
    local lives = redis.call('PTTL', KEYS[1])
    redis.call('RPUSH', KEYS[2], unpack(redis.call('LPOP', KEYS[1], most)))
    redis.call('PEXPIRE', KEYS[2], lives)
end
redis.call('SADD', KEYS[3], ARGV[1])
return 1
"""
_FORGET = """
local removed = 0
for _, key in ipairs(KEYS) do
    for place, chunk in ipairs(redis.call('LRANGE', key, 0, -1)) do
        if string.find(chunk, ARGV[1], 1, true) then
            local kept = {}
            for line in string.gmatch(chunk, '[^\\n]+') do
                if string.sub(line, 1, #ARGV[1]) == ARGV[1] then
                    removed = removed + 1
                else
                    kept[#kept + 1] = line
                end
            end
            redis.call('LSET', key, place - 1, table.concat(kept, '\\n'))
        end
    end
end
return removed
"""
# Each number says of how many of the keys, in their order, one sketch is to be thought together.
_COUNT_VISITORS = """
local counts, from = {}, 1
for place, number in ipairs(ARGV) do
    counts[place] = redis.call('PFCOUNT', unpack(KEYS, from, from + number - 1))
    from = from + number
end
return counts
"""

# How often this process has learned that Valkey came back empty; what was remembered of it before is void.
losses = 0


class Batch(NamedTuple):
    """A sender's page views under an id of their own."""

    sender: str
    id: str


def valkey() -> Any:
    """The client of this process, of one server or of a cluster; redis-py gives a forked child connections of its own."""
    return _client(settings.TRAFFIC_VALKEY_URL or settings.REDIS_URL, settings.TRAFFIC_VALKEY_CLUSTER)


@cache
def _client(url: str, in_cluster: bool) -> Any:
    patience = _PATIENCE if not url.startswith("unix") else 5
    options = {"socket_timeout": patience, "socket_connect_timeout": patience, "decode_responses": True}
    if in_cluster:
        return redis.RedisCluster.from_url(url, **options)
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)


def register(sender: str) -> None:
    """Name a sender, so that its page views are looked for."""
    valkey().zadd(SENDERS, {sender: time.time()})


def push(sender: str, number: int, lines: list[str]) -> None:
    """Hand over up to a few hundred lines in one command; the same number again adds nothing."""
    global losses
    keys = (PENDING % sender, SENT % sender)
    if valkey().eval(_PUSH, 2, *keys, number, END.join(lines), RAW_LIVES) == -1:
        losses += 1


def salt_of(day: str, offered: str) -> str:
    """The salt of a day: the offered one when there was none yet, else the one that is there."""
    client = valkey()
    client.set(SALT % day, offered, nx=True, ex=SALT_LIVES)
    return client.get(SALT % day) or offered


def forget(visitor: str) -> int:
    """Remove a visitor's hits that wait, and have those refused that are still on their way; how many were removed."""
    client = valkey()
    client.zadd(WITHDRAWN, {visitor: time.time()})
    client.expire(WITHDRAWN, WITHDRAWAL_HOLDS)
    removed = 0
    for sender in senders():
        keys = [PENDING % sender, *(BATCH % batch for batch in batches_of(sender))]
        removed += int(client.eval(_FORGET, len(keys), *keys, visitor + "\t"))
    return removed


def withdrawn() -> set[str]:
    """The visitors who have just taken their permission back."""
    return _recent(WITHDRAWN, WITHDRAWAL_HOLDS)


def plant(visitor: str) -> None:
    """Mark a visitor as one whom the store itself sends through, so that nobody's statistics count it."""
    client = valkey()
    client.zadd(PLANTED, {visitor: time.time()})
    client.expire(PLANTED, PLANTED_HOLDS)


def planted() -> set[str]:
    """The visitors that the store itself has sent."""
    return _recent(PLANTED, PLANTED_HOLDS)


def forget_planted(visitor: str) -> None:
    """The mark goes when the planted visitor has."""
    valkey().zrem(PLANTED, visitor)


@contextmanager
def one_audit_at_a_time() -> Iterator[bool]:
    """Whether no other planted visitor is on its way; until this one's audit ends, none is."""
    client = valkey()
    alone = bool(client.set(AUDIT, "1", nx=True, ex=AUDIT_LASTS))
    try:
        yield alone
    finally:
        if alone:
            client.delete(AUDIT)


def senders() -> list[str]:
    """All that have handed something over of late."""
    return sorted(valkey().zrange(SENDERS, 0, -1))


def forget_silent_senders(before: float) -> None:
    """Drop the names of those that died long before this moment, all of whose page views were claimed after it."""
    valkey().zremrangebyscore(SENDERS, 0, before - SENDER_LIVES)


def claim(sender: str) -> Batch | None:
    """Put what waits of a sender, or as much as a batch holds, under an id in one step; None when nothing waits."""
    batch = Batch(sender, str(uuid.uuid4()))
    keys = (PENDING % sender, BATCH % batch, BATCHES % sender)
    return batch if valkey().eval(_CLAIM, 3, *keys, batch.id, BATCH_HOLDS) else None


def batches_of(sender: str) -> list[Batch]:
    """The claimed batches of a sender, those of workers that died included."""
    return [Batch(sender, batch) for batch in sorted(valkey().smembers(BATCHES % sender))]


def batches() -> list[Batch]:
    """All claimed batches."""
    return [batch for sender in senders() for batch in batches_of(sender)]


def chunks_of(batch: Batch) -> list[str]:
    """A batch whole, in one command: lines that a withdrawal takes out meanwhile shift nothing."""
    return valkey().lrange(BATCH % batch, 0, -1)


def remove(batch: Batch) -> None:
    """The batch is gone."""
    client = valkey()
    client.delete(BATCH % batch)
    client.srem(BATCHES % batch.sender, batch.id)


def oldest() -> float:
    """For how many seconds, at the most, any page view has been waiting here."""
    client = valkey()
    left = []
    for sender in senders():
        for key in (PENDING % sender, *(BATCH % batch for batch in batches_of(sender))):
            milliseconds = client.pttl(key)
            if milliseconds >= 0:
                left.append(milliseconds / 1000)
    return max(0.0, RAW_LIVES - min(left)) if left else 0.0


def life() -> str:
    """A random id that is the same for as long as Valkey keeps what it holds."""
    client = valkey()
    client.set(LIFE, str(uuid.uuid4()), nx=True)
    return str(client.get(LIFE))


def add_visitors(day: str, cells: Mapping[str, Iterable[str]]) -> None:
    """Add visitors to the day's sketches, one for each cell. A sketch does not tell who was added; twice is once."""
    client = valkey()
    client.sadd(DAYS, day)
    with client.pipeline(transaction=False) as pipe:
        for cell, visitors in cells.items():
            pipe.pfadd(SEEN % (day, cell), *visitors)
            pipe.expire(SEEN % (day, cell), SKETCH_LIVES)
        pipe.sadd(CELLS % day, *cells)
        pipe.expire(CELLS % day, SKETCH_LIVES)
        pipe.execute()


def open_days() -> list[str]:
    """The days whose visitors are still sketches."""
    return sorted(valkey().smembers(DAYS))


def cell_name(dimension: str, value: str) -> str:
    """The name of a cell among a day's sketches; the whole day has no dimension."""
    return f"{dimension}\t{value}"


def visitors_of(day: str) -> dict[str, int]:
    """About how many visitors each cell of an open day has had.

    The whole day is made of its devices and a step to an order of its pages, so neither needs a sketch of its own.
    """
    client = valkey()
    cells = sorted(client.smembers(CELLS % day))
    parts = {cell: [cell] for cell in cells}
    parts[cell_name("", "")] = [cell for cell in cells if cell.startswith(cell_name("device", ""))]
    for page, step in settings.TRAFFIC_FUNNEL.items():
        if cell_name("page", page) in parts:
            parts.setdefault(cell_name("funnel", step), []).append(cell_name("page", page))
    made = {cell: [SEEN % (day, part) for part in of] for cell, of in parts.items() if of}
    if not made:
        return {}
    keys = [key for of in made.values() for key in of]
    return dict(zip(made, client.eval(_COUNT_VISITORS, len(keys), *keys, *map(len, made.values())), strict=True))


def close(day: str) -> None:
    """Remove a day's sketches and its salt: nobody can be recognised again."""
    client = valkey()
    client.delete(SALT % day)
    with client.pipeline(transaction=False) as pipe:
        for cell in client.smembers(CELLS % day):
            pipe.delete(SEEN % (day, cell))
        pipe.delete(CELLS % day)
        pipe.execute()
    client.srem(DAYS, day)


def _recent(key: str, seconds: float) -> set[str]:
    client = valkey()
    client.zremrangebyscore(key, 0, time.time() - seconds)
    return set(client.zrange(key, 0, -1))
