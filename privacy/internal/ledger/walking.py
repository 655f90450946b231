"""The second half of a check: the tree is built again from all leaves, and held against its tiles and every signed head."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from privacy.internal.ledger.findings import Report
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.keys import PublicKey
from privacy.internal.ledger.tree import TILE, TILE_LEVELS, Frontier, tile_root

# A row of evidence was written between the heads before and behind its leaf; a long transaction and two clocks included.
SLACK = dt.timedelta(hours=1)

# Read in portions that are sorted in the processor's cache.
_PORTION = 64 * TILE
_TILES = """
SELECT position >> 8 AS block, count(*), min(position), max(position), string_agg(leaf_hash, ''::bytea ORDER BY position),
    min(recorded_at) FILTER (WHERE NOT earlier), max(recorded_at) FILTER (WHERE NOT earlier)
FROM privacy_ledgerentry WHERE position >= %s AND position < %s GROUP BY block ORDER BY block
"""


class Walk:
    """One way through the ledger from its first entry to its last."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        report: Report,
        keys: Mapping[str, PublicKey],
        witnesses: Iterable[Head],
    ) -> None:
        self.connection = connection
        self.report = report
        self.keys = keys
        self.frontier = Frontier()
        self.size = 0
        # Up to here everything agrees with a signed head.
        self.agreed = 0
        self.before: Head | None = None
        self.is_wrong = False
        stored = ((head, False) for head in self._stored_heads())
        known = ((head, True) for head in sorted(witnesses, key=lambda head: head.tree_size))
        self._heads = heapq.merge(stored, known, key=lambda pair: pair[0].tree_size)
        self._next = next(self._heads, None)
        self._same_size, self._signatures = -1, set[bytes]()
        self._levels: list[list[bytes]] = []
        self._wrong_levels: set[int] = set()
        self._tiles: dict[int, Iterator[tuple[int, bytes]]] = {}

    def run(self) -> None:
        """Go through. Findings are written into the report."""
        for block, count, first, last, hashes, earliest, latest in self._blocks():
            leaves = bytes(hashes)
            if first != self.size or last - first + 1 != count or len(leaves) != 32 * count or block != first >> 8:
                self._name_gap()
                return
            before = self.before
            self._pass_heads(leaves, first)
            self.size = last + 1
            self._hold_times(before, first, earliest, latest)
            if count == TILE:
                root = tile_root(leaves)
                self.frontier.add(root)
                self._hold_tile(1, block, root)
        self._pass_heads(b"", self.size)
        self._heads_beyond()
        self.report.entries = self.size
        self.report.unsigned = self.size - self.agreed

    def _pass_heads(self, leaves: bytes, first: int) -> None:
        """Hold every head that ends within these leaves against the tree so far."""
        while self._next is not None and self._next[0].tree_size < first + TILE:
            head, from_witness = self._next
            number = head.tree_size - first
            if number * 32 > len(leaves):
                return
            self._next = next(self._heads, None)
            self._hold_head(head, from_witness, [leaves[i * 32 : i * 32 + 32] for i in range(number)])

    def _hold_head(self, head: Head, from_witness: bool, rest: list[bytes]) -> None:
        whose = "that was kept outside the database" if from_witness else f"of {head.moment:%Y-%m-%d %H:%M:%S}"
        self.report.heads += 1
        if self._is_lost(head, from_witness):
            said = f"The head of {head.moment:%Y-%m-%d %H:%M:%S} over {head.tree_size} entries was removed from the database."
            self.report.add("head", said)
        if not head.is_signed(self.keys):
            self.report.add(
                "signature", f"The head {whose} over {head.tree_size} entries bears no signature of the store."
            )
        elif self.frontier.root(rest) != head.root_hash:
            if not self.is_wrong:
                said = f"one of them is not what the head {whose} was signed over."
                self.report.add("tree", said, min(self.agreed, max(head.tree_size - 1, 0)), head.tree_size)
            self.is_wrong = True
        elif not self.is_wrong:
            self.agreed, self.before = max(self.agreed, head.tree_size), head

    def _is_lost(self, head: Head, from_witness: bool) -> bool:
        """Whether a head that was kept outside is not in the database, whose heads of the same size came before it."""
        if not from_witness:
            if self._same_size != head.tree_size:
                self._same_size, self._signatures = head.tree_size, set()
            self._signatures.add(head.signature)
            return False
        return self._same_size != head.tree_size or head.signature not in self._signatures

    def _heads_beyond(self) -> None:
        while self._next is not None:
            head, from_witness = self._next
            self._next = next(self._heads, None)
            self.report.heads += 1
            if head.is_signed(self.keys):
                whose = "kept outside the database" if from_witness else "in the database"
                gone = head.tree_size - self.size
                said = f"{gone} of them are gone; a head {whose} was signed over {head.tree_size} entries."
                self.report.add("missing", said, self.agreed, head.tree_size)
                return
            self.report.add("signature", f"The head over {head.tree_size} entries bears no signature of the store.")

    def _hold_times(
        self, before: Head | None, first: int, earliest: dt.datetime | None, latest: dt.datetime | None
    ) -> None:
        """What was written long before the head before it, or after a head that already covers it, was put there later."""
        if before is not None and earliest is not None and earliest < before.moment - SLACK:
            said = f"one of them says {earliest:%Y-%m-%d %H:%M} and was not there at {before.moment:%Y-%m-%d %H:%M}."
            self.report.add("backdated", said, first, self.size)
        covering = self.before if self.agreed >= self.size else None
        if covering is not None and latest is not None and latest > covering.moment + SLACK:
            said = f"one of them says {latest:%Y-%m-%d %H:%M}, after the head that covers it was signed."
            self.report.add("postdated", said, first, self.size)

    def _hold_tile(self, level: int, number: int, root: bytes) -> None:
        """Compare a complete tile with the stored one, and build the level above it."""
        start, stop = number << (TILE_LEVELS * level), (number + 1) << (TILE_LEVELS * level)
        covered = max(self.agreed, self._next[0].tree_size if self._next else 0)
        if stop <= covered and level not in self._wrong_levels:
            if level not in self._tiles:
                self._tiles[level] = self._stored_tiles(level)
            if next(self._tiles[level], None) != (number, root):
                self._wrong_levels.add(level)
                said = "one of them, or the stored hash over them, is not what it was when the tree was built."
                self.report.add("tile", said, start, stop)
        while len(self._levels) < level:
            self._levels.append([])
        above = self._levels[level - 1]
        above.append(root)
        if len(above) == TILE:
            self._hold_tile(level + 1, number >> TILE_LEVELS, tile_root(b"".join(above)))
            above.clear()

    def _name_gap(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT position, lead, leaf FROM (SELECT position, lead(position) OVER (ORDER BY position) AS lead, "
                "octet_length(leaf_hash) AS leaf FROM privacy_ledgerentry WHERE position >= %s OR position < 0) p "
                "WHERE lead IS DISTINCT FROM position + 1 OR leaf <> 32 ORDER BY position LIMIT 1",
                [self.size - 1],
            )
            row = cursor.fetchone()
        position = self.size
        if row is not None:
            position = row[0] if row[2] != 32 or row[0] < 0 else row[0] + 1
        self.report.add("gap", "it is not there, or not in its place: positions run without a gap.", max(position, 0))
        self.report.entries = self.size

    def _blocks(self) -> Iterator[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT min(position), coalesce(max(position), -1) FROM privacy_ledgerentry")
            first, last = cursor.fetchone()
            for start in range(min(first or 0, 0), last + 1, _PORTION):
                cursor.execute(_TILES, [start, start + _PORTION])
                yield from cursor.fetchall()

    def _rows(self, sql: str, values: tuple[int, ...] = ()) -> Iterator[Any]:
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(sql, values)
            while rows := cursor.fetchmany(200):
                yield from rows

    def _stored_heads(self) -> Iterator[Head]:
        columns = "tree_size, root_hash, timestamp, key_id, signature"
        for size, root, timestamp, key_id, signature in self._rows(
            f"SELECT {columns} FROM privacy_treehead ORDER BY tree_size, id"  # noqa: S608 - names of columns
        ):
            yield Head(size, bytes(root), timestamp, key_id, bytes(signature))

    def _stored_tiles(self, level: int) -> Iterator[tuple[int, bytes]]:
        for number, hash_ in self._rows(
            "SELECT number, hash FROM privacy_ledgertile WHERE level = %s ORDER BY number", (level,)
        ):
            yield number, bytes(hash_)
