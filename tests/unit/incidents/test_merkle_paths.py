"""Proofs collected on the way are the proofs of the whole tree."""

from __future__ import annotations

import hashlib

import pytest

from incidents.merkle import Frontier, inclusion_holds, inclusion_proof, leaf_hash, root
from incidents.merkle_paths import Paths

LEAVES = [leaf_hash(hashlib.sha256(str(n).encode()).digest()) for n in range(70)]


@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65, 70])
def test_every_proof_is_that_of_the_whole_tree(size: int) -> None:
    """For every size and every leaf, and from any start before the leaf."""
    for start in {0, 1, 2, 3, 5, size // 2, size - 1}:
        if start >= size:
            continue
        frontier = Frontier()
        for leaf in LEAVES[:start]:
            frontier.add(leaf)
        paths = Paths(range(start, size), frontier)
        for leaf in LEAVES[start:size]:
            paths.add(leaf)
        assert paths.root() == root(LEAVES[:size])
        for place in range(start, size):
            proof = paths.proof(place)
            assert proof == inclusion_proof(place, LEAVES[:size])
            assert inclusion_holds(place, size, LEAVES[place], proof, paths.root())


def test_only_followed_leaves_have_a_proof() -> None:
    """A leaf that was not wanted, is not there yet, or lies before the start is refused."""
    paths = Paths([1, 4])
    for leaf in LEAVES[:3]:
        paths.add(leaf)

    for place in (0, 4):
        with pytest.raises(ValueError, match="not followed"):
            paths.proof(place)
    with pytest.raises(ValueError, match="before the start"):
        Paths([0], Frontier(1, LEAVES[:1]))
