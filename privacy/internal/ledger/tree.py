"""The Merkle tree of RFC 9162: hashes, roots and proofs, as pure functions over hashes that somebody else reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

# A tile is a complete subtree of 256: what is stored of the tree, and in what portions it is read.
TILE_LEVELS = 8
TILE = 1 << TILE_LEVELS

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over these hashes: pairs from the left, an odd last one goes up as it is."""
    if not hashes:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        paired = [sha256(b"\x01" + hashes[i] + hashes[i + 1]).digest() for i in range(0, len(hashes) - 1, 2)]
        if len(hashes) % 2:
            paired.append(hashes[-1])
        hashes = paired
    return hashes[0]


def tile_root(leaves: bytes) -> bytes:
    """The root over a complete tile whose hashes stand one behind the other: the quick way through many."""
    sha256 = hashlib.sha256
    while len(leaves) > 32:
        leaves = b"".join([sha256(b"\x01" + leaves[i : i + 64]).digest() for i in range(0, len(leaves), 64)])
    return leaves


class Tree:
    """The tree over the first `size` leaves.

    `block(level, number)` reads the hashes of one tile: at level 0 those of its leaves, at level 1 those of complete tiles
    of leaves, and so on; a tile at the right edge may be shorter than 256.
    """

    def __init__(self, size: int, block: Callable[[int, int], Sequence[bytes]]) -> None:
        self.size = size
        self._read = block
        self._blocks: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """The hash that a head signs."""
        return self._span(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, position: int) -> list[bytes]:
        """The audit path of a leaf (RFC 9162, 2.1.3.1), from the leaf's sibling up."""
        if not 0 <= position < self.size:
            raise ValueError(f"There is no entry {position} among {self.size}.")
        return self._path(position, 0, self.size)

    def consistency(self, first: int) -> list[bytes]:
        """The proof that the tree of `first` leaves is the beginning of this one (RFC 9162, 2.1.4.1)."""
        if not 0 < first <= self.size:
            raise ValueError(f"The tree of {self.size} has no beginning of {first}.")
        return self._subproof(first, 0, self.size, True)

    def _path(self, position: int, start: int, stop: int) -> list[bytes]:
        if stop - start == 1:
            return []
        middle = start + _split(stop - start)
        if position < middle:
            return [*self._path(position, start, middle), self._span(middle, stop)]
        return [*self._path(position, middle, stop), self._span(start, middle)]

    def _subproof(self, first: int, start: int, stop: int, whole: bool) -> list[bytes]:
        if first == stop:
            return [] if whole else [self._span(start, stop)]
        middle = start + _split(stop - start)
        if first <= middle:
            return [*self._subproof(first, start, middle, whole), self._span(middle, stop)]
        return [*self._subproof(first, middle, stop, False), self._span(start, middle)]

    def _span(self, start: int, stop: int) -> bytes:
        width = stop - start
        if width & (width - 1) == 0:
            return self._complete(width.bit_length() - 1, start // width)
        middle = start + _split(width)
        return node_hash(self._span(start, middle), self._span(middle, stop))

    def _complete(self, level: int, number: int) -> bytes:
        tile_level, above = divmod(level, TILE_LEVELS)
        width = 1 << above
        block, offset = divmod(number << above, TILE)
        return root_of(self._block(tile_level, block)[offset : offset + width])

    def _block(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._blocks:
            self._blocks[level, number] = self._read(level, number)
        return self._blocks[level, number]


class Frontier:
    """The right edge of a tree that grows by complete tiles, for roots at any size along the way."""

    def __init__(self) -> None:
        self.tiles = 0
        # Complete subtrees, the largest first, each with its number of tiles.
        self._edge: list[tuple[int, bytes]] = []

    def add(self, tile: bytes) -> None:
        """Append the root of the next complete tile."""
        self._edge.append((1, tile))
        self.tiles += 1
        while len(self._edge) > 1 and self._edge[-1][0] == self._edge[-2][0]:
            (width, left), (_width, right) = self._edge[-2:]
            self._edge[-2:] = [(2 * width, node_hash(left, right))]

    def root(self, rest: Sequence[bytes] = ()) -> bytes:
        """The root over all tiles so far and the leaves after them, which are fewer than a tile."""
        parts = [hash_ for _width, hash_ in self._edge] + ([root_of(rest)] if rest else [])
        if not parts:
            return EMPTY_ROOT
        root = parts[-1]
        for left in reversed(parts[:-1]):
            root = node_hash(left, root)
        return root


def included(leaf: bytes, position: int, size: int, path: Iterable[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf hash to that root (RFC 9162, 2.1.3.2)."""
    if position >= size:
        return False
    node, last, result = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node % 2 or node == last:
            result = node_hash(sibling, result)
            if not node % 2:
                while node and not node % 2:
                    node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def consistent(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the smaller tree is the beginning of the larger (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    hashes = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    node, last = first - 1, second - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            if not node % 2:
                while node and not node % 2:
                    node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)
