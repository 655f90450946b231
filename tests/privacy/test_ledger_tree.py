"""The tree is that of RFC 9162: roots, audit paths and consistency proofs, at every size that has an edge."""

import hashlib
import random

import pytest

from privacy.internal.ledger.tree import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    Tree,
    consistent,
    included,
    leaf_hash,
    node_hash,
    root_of,
    tile_root,
)

LEAVES = [leaf_hash(str(n).encode()) for n in range(700)]
SIZES = [*range(1, 34), 255, 256, 257, 511, 512, 513, 700]
# The leaves and roots by which implementations of Certificate Transparency know each other.
KNOWN = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def by_definition(hashes):
    """MTH as the RFC writes it down."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return node_hash(by_definition(hashes[:half]), by_definition(hashes[half:]))


def tree_of(size):
    levels = [LEAVES[:size]]
    while len(levels[-1]) >= TILE:
        below = levels[-1]
        levels.append([root_of(below[i : i + TILE]) for i in range(0, len(below) - TILE + 1, TILE)])
    return Tree(size, lambda level, number: levels[level][number * TILE : (number + 1) * TILE])


def test_the_known_vectors():
    leaves = [leaf_hash(bytes.fromhex(text)) for text in KNOWN]
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT
    for size, root in KNOWN_ROOTS.items():
        assert root_of(leaves[:size]).hex() == root


@pytest.mark.parametrize("size", SIZES)
def test_roots_paths_and_proofs_agree_with_the_definition(size):
    tree, root = tree_of(size), by_definition(LEAVES[:size])
    assert tree.root() == root == root_of(LEAVES[:size])
    for position in {0, 1, size // 2, size - 2, size - 1, 255, 256} & set(range(size)):
        path = tree.inclusion(position)
        assert included(LEAVES[position], position, size, path, root)
        assert not included(leaf_hash(b"another"), position, size, path, root)
        assert not included(LEAVES[position], position, size, path, leaf_hash(b"another"))
        if size > 1:
            assert not included(LEAVES[position], (position + 1) % size, size, path, root)
            assert not included(LEAVES[position], position, size, path[:-1], root)
        assert not included(LEAVES[position], position, size, [*path, root], root)
    for first in {1, 2, 3, 7, 8, 255, 256, 257, size - 1, size} & set(range(1, size + 1)):
        proof, before = tree.consistency(first), by_definition(LEAVES[:first])
        assert consistent(first, before, size, root, proof)
        assert not consistent(first, leaf_hash(b"another"), size, root, proof)
        assert not consistent(first, before, size, leaf_hash(b"another"), proof)


def test_a_frontier_knows_the_root_at_every_size():
    frontier = Frontier()
    for size in range(1, 700):
        full = size // TILE
        if frontier.tiles < full:
            frontier.add(tile_root(b"".join(LEAVES[(full - 1) * TILE : full * TILE])))
        assert frontier.root(LEAVES[full * TILE : size]) == root_of(LEAVES[:size])


def test_a_bent_path_leads_nowhere():
    tree, root = tree_of(700), root_of(LEAVES)
    for seed in range(50):
        chance = random.Random(seed)
        position = chance.randrange(700)
        path = tree.inclusion(position)
        at = chance.randrange(len(path))
        path[at] = bytes([path[at][0] ^ 1]) + path[at][1:]
        assert not included(LEAVES[position], position, 700, path, root)


@pytest.mark.parametrize(("position", "first"), [(-1, 0), (9, 10)])
def test_what_is_not_there_is_refused(position, first):
    with pytest.raises(ValueError, match="no"):
        tree_of(9).inclusion(position)
    with pytest.raises(ValueError, match="no"):
        tree_of(9).consistency(first)
