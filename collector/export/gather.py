"""Reads what an export holds, in one transaction: entries, their words, and their places."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from collector.storage.desk_store import id_of, stored_timeline
from collector.storage.reports import about_incident
from collector.storage.schema import checkpoints, leaves
from collector.storage.sealer import newest_note
from incidents.holes import held_evidence
from incidents.merkle import Frontier, leaf_hash
from incidents.merkle_paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from incidents.reports.life import Report
    from incidents.timeline import Stored

_ROWS_A_PIECE = 10_000


class Place(NamedTuple):
    """Where an entry stands in the tree, and the hashes that lead from it to the root."""

    place: int
    proof: tuple[str, ...]


class Exhibit(NamedTuple):
    """A piece of evidence that an entry took in."""

    sha256: str
    name: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything of one incident.

    Attributes:
        places: By entry; an entry that waits for the sealer has none.
        checkpoint: The note under which the proofs hold; empty when no entry has its place.
        newest: The newest note, to be carried away.
        evidence: What is still held; what was removed is not among it.
        reports: Every version of every report about it.
    """

    code: str
    entries: tuple[Stored, ...]
    places: dict[int, Place]
    checkpoint: str
    newest: str
    evidence: tuple[Exhibit, ...]
    reports: tuple[Report, ...] = ()

    @property
    def waiting(self) -> list[int]:
        """Return the entries that have no place yet."""
        return [entry.seq for entry in self.entries if entry.seq not in self.places]


def gather(
    connection: Connection,
    code: str,
    *,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Gathered | None:
    """Return all of an incident; None when there is none of this code.

    Args:
        told: Called now and then with how many leaves were read, and of how many.
    """
    number = id_of(connection, code)
    if number is None:
        return None
    entries = tuple(stored_timeline(connection, number))
    places, note = _places(connection, number, told)
    return Gathered(
        code=code,
        entries=entries,
        places=places,
        checkpoint=note,
        newest=newest_note(connection) or "",
        evidence=_evidence(entries),
        reports=tuple(about_incident(connection, number)),
    )


def _places(
    connection: Connection, number: int, told: Callable[[int, int], None]
) -> tuple[dict[int, Place], str]:
    """Grow the tree from the last checkpoint before the incident to the first after it."""
    mine = select(leaves.c.seq, leaves.c.place).where(leaves.c.incident == number)
    by_seq = {row.seq: row.place for row in connection.execute(mine)}
    if not by_seq:
        return {}, ""
    first, last = min(by_seq.values()), max(by_seq.values())
    ending = connection.execute(
        select(checkpoints).where(checkpoints.c.size > last).order_by(checkpoints.c.size).limit(1)
    ).first()
    if ending is None:
        return {}, ""
    paths = Paths(by_seq.values(), _before(connection, first))
    total, begun = ending.size - paths.size, paths.size
    while paths.size < ending.size:
        span = select(leaves.c.hash).where(
            leaves.c.place >= paths.size,
            leaves.c.place < min(ending.size, paths.size + _ROWS_A_PIECE),
        )
        hashes = connection.scalars(span.order_by(leaves.c.place)).all()
        if not hashes:
            return {}, ""  # the tree was cut: without proofs the export says that it waits
        for found in hashes:
            paths.add(leaf_hash(bytes.fromhex(found)))
        told(paths.size - begun, total)
    proofs = {
        seq: Place(place, tuple(node.hex() for node in paths.proof(place)))
        for seq, place in by_seq.items()
    }
    return proofs, ending.note


def _before(connection: Connection, place: int) -> Frontier:
    row = connection.execute(
        select(checkpoints.c.size, checkpoints.c.frontier)
        .where(checkpoints.c.size <= place)
        .order_by(checkpoints.c.size.desc())
        .limit(1)
    ).first()
    if row is None:
        return Frontier()
    return Frontier(row.size, [bytes.fromhex(node) for node in row.frontier.split()])


def _evidence(entries: tuple[Stored, ...]) -> tuple[Exhibit, ...]:
    names = {entry.seq: json.loads(entry.text or "{}").get("name", "") for entry in entries}
    found: dict[str, Exhibit] = {}
    for seq, sha256 in held_evidence(entries):
        found.setdefault(sha256, Exhibit(sha256, names[seq]))
    return tuple(found.values())
