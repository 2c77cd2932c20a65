"""Inclusion proofs of chosen leaves, collected while a tree grows: no leaf is kept.

Source: RFC 6962 section 2.1.1; a tree of any size is its full subtrees, largest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.merkle import Frontier, Hash, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable


class Paths:
    """Grows a tree leaf by leaf and keeps the nodes that the proofs of `wanted` leaves need.

    Args:
        wanted: Places (from 0) at or beyond the start's size.
        start: The tree before the first leaf that will be added.
    """

    def __init__(self, wanted: Iterable[int], start: Frontier | None = None) -> None:
        start = start or Frontier()
        self.size = start.size
        self._roots: list[Hash] = list(start.hashes)
        self._wanted = frozenset(wanted)
        self._parents: list[frozenset[int]] = [self._wanted]
        self._kept: dict[tuple[int, int], Hash] = {}
        if any(place < start.size for place in self._wanted):
            raise ValueError(f"a wanted leaf lies before the start at {start.size}")
        for level, index, node in zip(*_subtrees(start.size), self._roots, strict=True):
            self._keep(level, index, node)

    def add(self, leaf: Hash) -> None:
        """Append one leaf, given by its leaf hash."""
        level, index, node = 0, self.size, leaf
        self._keep(level, index, node)
        while index & 1:
            node = node_hash(self._roots.pop(), node)
            level, index = level + 1, index >> 1
            self._keep(level, index, node)
        self._roots.append(node)
        self.size += 1

    def root(self) -> Hash:
        """Return the root of the tree as it is now."""
        return Frontier(self.size, self._roots).root()

    def proof(self, place: int) -> list[Hash]:
        """Return the inclusion proof of a wanted leaf in the tree as it is now.

        Raises:
            ValueError: It is not wanted, or not in the tree yet.
        """
        if place not in self._wanted or not place < self.size:
            raise ValueError(f"leaf {place} of a tree of {self.size} was not followed")
        levels, indexes = _subtrees(self.size)
        mine = next(n for n, level in enumerate(levels) if place >> level == indexes[n])
        inner = [self._kept[level, (place >> level) ^ 1] for level in range(levels[mine])]
        right = self._roots[mine + 1 :]
        folded = [_fold(right)] if right else []
        return [*inner, *folded, *reversed(self._roots[:mine])]

    def _keep(self, level: int, index: int, node: Hash) -> None:
        while len(self._parents) <= level:
            self._parents.append(frozenset(parent >> 1 for parent in self._parents[-1]))
        if index ^ 1 in self._parents[level]:
            self._kept[level, index] = node


def _subtrees(size: int) -> tuple[list[int], list[int]]:
    """Level of each full subtree of a tree, largest first, and its index at that level."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    indexes, before = [], 0
    for level in levels:
        indexes.append(before >> level)
        before += 1 << level
    return levels, indexes


def _fold(roots: list[Hash]) -> Hash:
    node = roots[-1]
    for left in reversed(roots[:-1]):
        node = node_hash(left, node)
    return node
