"""The minute's work: waiting leaves get their place, complete tiles their hash, and the head its signature."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import connection
from django.db.models import Max

from privacy.internal.ledger import database, heads, journal, keys
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.tree import TILE, TILE_LEVELS, Tree, root_of, tile_root
from privacy.models import LedgerEntry, LedgerTile

logger = logging.getLogger(__name__)

# Leaves taken in per transaction, so that the lock on the ledger is never held for long.
SLICE = 20_000
# A store without visitors signs anew now and then, so that its head is seen to be alive.
LONGEST_SILENCE_MS = 60 * 60 * 1000


class LedgerBroken(Exception):
    """The tree does not extend what was signed before; nothing is signed until somebody has looked."""


def extend() -> Head | None:
    """Take in what waits, grow the tree, sign its head; the head that now stands, None while there is nothing at all.

    Any number of these may run at once, and one that is killed anywhere is made good by the next.
    """
    take_in()
    size = size_now()
    fill_tiles(size)
    before, remembered = heads.newest(), journal.last()
    last = max(filter(None, [before, remembered]), key=lambda head: (head.tree_size, head.timestamp), default=None)
    if size == 0 and last is None:
        return None
    key = keys.introduce()
    if last is not None:
        _refuse_another_past(last, size)
        if (
            last.tree_size == size
            and time.time_ns() // 1_000_000 - last.timestamp < LONGEST_SILENCE_MS
            and before == last
        ):
            return last
    head = heads.sign(size, tree_of(size).root(), key)
    heads.keep(head)
    journal.write(head)
    # A log is one more place outside the database; whoever keeps it can hold the ledger to it.
    logger.info("Ledger head: size %s, root %s, key %s.", head.tree_size, head.root_hash.hex(), head.key_id)
    return head


def take_in() -> int:
    """Give every waiting leaf its place; how many there were."""
    taken = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"SELECT {database.TAKE_IN}(%s)", [SLICE])
            (number,) = cursor.fetchone()
            taken += number
            if number < SLICE:
                return taken


def size_now() -> int:
    """How many entries the ledger has."""
    last = LedgerEntry.objects.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def fill_tiles(size: int) -> None:
    """Write down the hash of every tile that has become complete, level by level."""
    level, below = 1, size
    while below >= TILE:
        complete = below >> TILE_LEVELS
        last = LedgerTile.objects.filter(level=level).aggregate(last=Max("number"))["last"]
        done = 0 if last is None else last + 1
        for start in range(done, complete, TILE):
            stop = min(start + TILE, complete)
            tiles = [
                LedgerTile(level=level, number=number, hash=tile_root(hashes))
                for number, hashes in _full_blocks(level - 1, start, stop)
            ]
            LedgerTile.objects.bulk_create(tiles, ignore_conflicts=True)
        level, below = level + 1, complete


def _full_blocks(level: int, start: int, stop: int) -> list[tuple[int, bytes]]:
    """The hashes of the blocks `start` up to `stop` of a level, each block's in one piece."""
    table, column, hashes = _LEVELS[min(level, 1)]
    only = f"level = {int(level)} AND " if level else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} >> {TILE_LEVELS} AS block, string_agg({hashes}, ''::bytea ORDER BY {column}) FROM {table} "  # noqa: S608
            f"WHERE {only}{column} >= %s AND {column} < %s GROUP BY block ORDER BY block",
            [start << TILE_LEVELS, stop << TILE_LEVELS],
        )
        return [(block, bytes(joined)) for block, joined in cursor.fetchall()]


_LEVELS = (("privacy_ledgerentry", "position", "leaf_hash"), ("privacy_ledgertile", "number", "hash"))


def read_block(level: int, number: int) -> Sequence[bytes]:
    """The hashes of one tile, as a `Tree` asks for them."""
    first, last = number << TILE_LEVELS, (number + 1) << TILE_LEVELS
    if level == 0:
        rows = LedgerEntry.objects.filter(position__gte=first, position__lt=last).order_by("position")
        return [bytes(leaf) for leaf in rows.values_list("leaf_hash", flat=True)]
    tiles = LedgerTile.objects.filter(level=level, number__gte=first, number__lt=last).order_by("number")
    return [bytes(tile) for tile in tiles.values_list("hash", flat=True)]


def tree_of(size: int) -> Tree:
    """The tree over the first entries, read from its tiles as far as it is needed."""
    return Tree(size, read_block)


def _refuse_another_past(last: Head, size: int) -> None:
    """Sign nothing that would let a changed past pass: the tree must still have the root that was signed before."""
    if last.tree_size > size:
        reason = f"the head of {last.moment:%Y-%m-%d %H:%M} counts {last.tree_size} entries, and there are {size}"
    elif tree_of(last.tree_size).root() != last.root_hash:
        reason = (
            f"the first {last.tree_size} entries are not those whose head was signed at {last.moment:%Y-%m-%d %H:%M}"
        )
    else:
        return
    logger.error("The ledger is not signed: %s.", reason)
    raise LedgerBroken(
        f"The ledger is not signed: {reason}. `manage.py verify_ledger` names the first wrong entry; after restoring an older "
        "backup, or for another database, move the journal of heads away (docs/operate.md)."
    )


__all__ = ["LedgerBroken", "extend", "fill_tiles", "read_block", "root_of", "size_now", "take_in", "tree_of"]
