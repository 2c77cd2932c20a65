"""Verify the whole file: every chain, every place in the tree, every signed checkpoint.

An entry that was edited, removed, inserted, reordered or cut off is named; so is a database that
was rolled back behind a checkpoint that somebody kept elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from collector.storage.desk_store import stored_timeline
from collector.storage.schema import checkpoints, entries, entry_texts, incidents, leaves, unsealed
from incidents.checkpoint import BadNote, Checkpoint, verify
from incidents.merkle import Frontier, leaf_hash
from incidents.timeline import verify_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold; `incident` is a code, empty for the tree as a whole."""

    incident: str
    seq: int
    why: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = f"{self.incident} entry {self.seq}: " if self.incident else ""
        return where + self.why


@dataclass(slots=True)
class Audit:
    """What was verified and what was found; `holes` are entries whose words were sealed."""

    incidents: int = 0
    entries: int = 0
    leaves: int = 0
    checkpoints: int = 0
    waiting: int = 0
    holes: int = 0
    findings: list[Finding] = field(default_factory=list)


def audit(
    connection: Connection, *, origin: str, public_key: bytes, known: Checkpoint | None = None
) -> Audit:
    """Verify everything on a read connection; nothing is changed.

    Args:
        known: A checkpoint kept elsewhere: the tree must still contain what it was then.
    """
    result = Audit()
    result.waiting = connection.scalar(select(func.count()).select_from(unsealed)) or 0
    words = connection.scalar(select(func.count()).select_from(entry_texts)) or 0
    result.findings += _chains(connection, result)
    result.holes = max(0, result.entries - words)
    result.findings += _places(connection)
    result.findings += _tree(connection, result, origin, public_key, known)
    return result


def _chains(connection: Connection, result: Audit) -> Iterator[Finding]:
    """Each incident's chain, and that the row beside it ends where the chain ends."""
    rows = select(incidents.c.id, incidents.c.code, incidents.c.last_seq, incidents.c.last_hash)
    for row in connection.execute(rows.order_by(incidents.c.id)).all():
        chain = stored_timeline(connection, row.id)
        result.incidents += 1
        result.entries += len(chain)
        broken = verify_chain(chain, code=row.code)
        if broken is not None:
            yield Finding(row.code, broken.seq, broken.why)
        elif len(chain) < row.last_seq:
            yield Finding(row.code, len(chain) + 1, f"cut off: {row.last_seq} entries were written")
        elif not chain or chain[-1].hash != row.last_hash:
            yield Finding(row.code, len(chain), "the incident's row names another last entry")


def _places(connection: Connection) -> Iterator[Finding]:
    """Each entry has its place with its own hash, and each place its entry."""
    same = and_(leaves.c.incident == entries.c.incident, leaves.c.seq == entries.c.seq)
    waits = and_(unsealed.c.incident == entries.c.incident, unsealed.c.seq == entries.c.seq)
    unplaced = (
        select(incidents.c.code, entries.c.seq)
        .join(entries, entries.c.incident == incidents.c.id)
        .join(leaves, same, isouter=True)
        .join(unsealed, waits, isouter=True)
        .where(leaves.c.place.is_(None), unsealed.c.seq.is_(None))
    )
    for row in connection.execute(unplaced):
        yield Finding(row.code, row.seq, "it has no place in the tree: it was put in from outside")
    changed = (
        select(incidents.c.code, leaves.c.incident, leaves.c.seq, leaves.c.place, entries.c.hash)
        .select_from(leaves)
        .join(entries, same, isouter=True)
        .join(incidents, incidents.c.id == leaves.c.incident, isouter=True)
        .where((entries.c.hash.is_(None)) | (entries.c.hash != leaves.c.hash))
    )
    for leaf in connection.execute(changed):
        what = "was removed" if leaf.hash is None else "was rewritten"
        code = leaf.code or f"incident number {leaf.incident}"
        yield Finding(code, leaf.seq, f"it {what} after it was sealed at place {leaf.place}")


def _tree(
    connection: Connection,
    result: Audit,
    origin: str,
    public_key: bytes,
    known: Checkpoint | None,
) -> Iterator[Finding]:
    """Grow the tree again, leaf by leaf, and hold it against every checkpoint on the way."""
    signed, expected, findings = _signed(connection, origin, public_key)
    yield from findings
    result.checkpoints = signed
    if known is not None:
        expected.setdefault(known.size, []).append(("a checkpoint kept elsewhere", known.root))
    frontier = Frontier()
    for row in connection.execute(select(leaves.c.place, leaves.c.hash).order_by(leaves.c.place)):
        if row.place != frontier.size:
            yield Finding("", 0, f"place {frontier.size} of the tree is missing")
            return
        frontier.add(leaf_hash(bytes.fromhex(row.hash)))
        for name, root in expected.pop(frontier.size, []):
            if root != frontier.root():
                yield Finding("", 0, f"{name} of size {frontier.size} signs another tree")
    result.leaves = frontier.size
    for size in sorted(expected):
        for name, _ in expected[size]:
            yield Finding("", 0, f"{name} covers {size} entries; the tree has {frontier.size}")
    if expected == {} and signed == 0 and frontier.size:
        yield Finding("", 0, "the tree has entries but no checkpoint: they were removed")


_Expected = dict[int, list[tuple[str, bytes]]]


def _signed(
    connection: Connection, origin: str, public_key: bytes
) -> tuple[int, _Expected, list[Finding]]:
    """The roots that signed checkpoints promise, by size, and the notes that do not hold."""
    expected: _Expected = {}
    findings: list[Finding] = []
    number = 0
    for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size)):
        number += 1
        try:
            checkpoint = verify(row.note, origin, public_key)
        except BadNote as error:
            findings.append(Finding("", 0, f"the checkpoint of size {row.size}: {error}"))
            continue
        if checkpoint.size != row.size or checkpoint.origin != origin:
            findings.append(Finding("", 0, f"the checkpoint of size {row.size} is another's"))
            continue
        expected.setdefault(row.size, []).append(("the checkpoint", checkpoint.root))
    return number, expected, findings
