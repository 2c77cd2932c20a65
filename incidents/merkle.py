"""The Merkle tree of RFC 6962: roots, proofs, and growing a tree without its old leaves.

Source: RFC 6962 section 2.1 (and RFC 9162 section 2.1.3-2.1.4 for checking proofs).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Hash = bytes
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> Hash:
    """Return the hash of a leaf's data."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: the roots of its full subtrees, largest first.

    It is all one needs to add leaves and to know the root: at most 64 hashes for any tree.
    """

    def __init__(self, size: int = 0, hashes: Sequence[Hash] = ()) -> None:
        if size.bit_count() != len(hashes):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees")
        self.size = size
        self.hashes = list(hashes)

    def add(self, leaf: Hash) -> None:
        """Append one leaf, given by its leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self.hashes.pop(), node)
            size >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> Hash:
        """Return the root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


def root(leaves: Sequence[Hash]) -> Hash:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root()


def inclusion_proof(index: int, leaves: Sequence[Hash]) -> list[Hash]:
    """Return the proof that leaf `index` (from 0) is in the tree over `leaves`."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"leaf {index} of a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), root(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), root(leaves[:split])]


def consistency_proof(old_size: int, leaves: Sequence[Hash]) -> list[Hash]:
    """Return the proof that the tree over `leaves` extends the tree of its first `old_size`."""
    if not 0 < old_size <= len(leaves):
        raise ValueError(f"a tree of {len(leaves)} cannot extend one of {old_size}")
    return _subproof(old_size, leaves, whole=True)


def inclusion_holds(index: int, size: int, leaf: Hash, proof: Sequence[Hash], top: Hash) -> bool:
    """Check an inclusion proof against the root of a tree of `size`."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == top


def consistency_holds(
    old_size: int, old_root: Hash, size: int, new_root: Hash, proof: Sequence[Hash]
) -> bool:
    """Check that the tree of `size` extends the tree of `old_size`."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == new_root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old, new = path[0], path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _subproof(old_size: int, leaves: Sequence[Hash], *, whole: bool) -> list[Hash]:
    if old_size == len(leaves):
        return [] if whole else [root(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], whole=whole), root(leaves[split:])]
    right = _subproof(old_size - split, leaves[split:], whole=False)
    return [*right, root(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
