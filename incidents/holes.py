"""Holes in a chain: entries whose words were removed, and which entry says by whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from incidents.timeline import Stored

# An entry that takes a piece of evidence in names its bytes in `data.sha256`.
EVIDENCE = "evidence"
# Entries of these kinds name in `data.entries` whose words they removed from the same chain.
REMOVING_KINDS = frozenset({"sealed", "content_removed"})


def explained(chain: Iterable[Stored]) -> dict[int, int]:
    """Return which entry's words were removed by which entry, of a chain that verifies."""
    found: dict[int, int] = {}
    for stored in chain:
        if stored.kind in REMOVING_KINDS:
            for seq in json.loads(stored.canonical)["data"].get("entries", ()):
                found.setdefault(seq, stored.seq)
    return found


def hole_problems(chain: Iterable[Stored], removed: Container[int]) -> Iterator[tuple[int, str]]:
    """Yield each entry whose words are gone for no stated reason, or there against one."""
    for stored in chain:
        if stored.text is None and stored.seq not in removed:
            yield stored.seq, "its words were removed and no entry says by whom"
        elif stored.text is not None and stored.seq in removed:
            yield stored.seq, "its words were sealed away and are there again"


def removed_evidence(chain: Iterable[Stored]) -> frozenset[str]:
    """Return the SHA-256 of the evidence that entries of the chain say was removed."""
    gone: set[str] = set()
    for stored in chain:
        if stored.kind in REMOVING_KINDS:
            gone.update(json.loads(stored.canonical)["data"].get("evidence", ()))
    return frozenset(gone)


def held_evidence(chain: Sequence[Stored]) -> Iterator[tuple[int, str]]:
    """Yield each entry that took evidence in, with its SHA-256; what was removed is left out."""
    gone = removed_evidence(chain)
    for stored in chain:
        if stored.kind == EVIDENCE:
            sha256 = json.loads(stored.canonical)["data"]["sha256"]
            if sha256 not in gone:
                yield stored.seq, sha256
