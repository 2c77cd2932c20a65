"""Verify the whole file: every chain, every place in the tree, every signed checkpoint.

An entry that was edited, removed, inserted, reordered or cut off is named; so is a database that
was rolled back behind a checkpoint that somebody kept elsewhere, and words that are gone although
no entry says who removed them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from collector.storage import record
from collector.storage.audit_places import places
from collector.storage.desk_store import stored_timeline
from collector.storage.schema import checkpoints, entries, incidents, leaves, unsealed
from incidents import config_record
from incidents.checkpoint import BadNote, Checkpoint, verify
from incidents.holes import explained, held_evidence, hole_problems
from incidents.merkle import Frontier, leaf_hash
from incidents.timeline import verify_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from incidents.timeline import Stored

    Told = Callable[[int, int], None]

_ROWS_A_PIECE = 10_000


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


class Known(NamedTuple):
    """A checkpoint that was kept elsewhere, and where."""

    checkpoint: Checkpoint
    where: str = "a checkpoint kept elsewhere"


@dataclass(slots=True)
class Audit:
    """What was verified and what was found.

    Attributes:
        entries: Of incidents; `record_entries` those of the configuration record.
        leaves: Entries that have their place in the tree; `waiting` those that have none yet.
        holes: Entries whose words were removed, by whom an entry says.
        known: Checkpoints kept elsewhere that the tree was held against.
        evidence: Pieces of evidence whose bytes were read again.
    """

    incidents: int = 0
    entries: int = 0
    record_entries: int = 0
    leaves: int = 0
    checkpoints: int = 0
    waiting: int = 0
    holes: int = 0
    known: int = 0
    evidence: int = 0
    findings: list[Finding] = field(default_factory=list)


def audit(
    connection: Connection,
    *,
    origin: str,
    public_key: bytes,
    known: Sequence[Known] = (),
    damaged: Callable[[str], str | None] = lambda _sha256: None,
    told: Told = lambda _done, _of: None,
) -> Audit:
    """Verify everything on a read connection; nothing is changed.

    Args:
        known: Checkpoints kept elsewhere: the tree must still contain what it was then.
        damaged: Says what is wrong with the evidence of a SHA-256, or None.
        told: Called now and then with how many steps are done, and of how many.
    """
    result = Audit(known=len(known))
    result.waiting = _count(connection, unsealed)
    steps = _Steps(told, _count(connection, entries) + record.count(connection))
    steps.total += _count(connection, leaves)
    result.findings += _chains(connection, result, steps, damaged)
    result.findings += _record(connection, result, steps)
    result.findings += [Finding(code, seq, why) for code, seq, why in places(connection)]
    result.findings += _tree(connection, result, steps, _Promises(origin, public_key, known))
    steps.add(steps.total - steps.done)
    return result


class _Steps:
    """Counts what is done, for whoever waits."""

    def __init__(self, told: Told, total: int) -> None:
        self._told, self.total, self.done = told, total, 0

    def add(self, number: int) -> None:
        self.done += number
        self._told(self.done, self.total)


def _count(connection: Connection, table: object) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def _chains(
    connection: Connection,
    result: Audit,
    steps: _Steps,
    damaged: Callable[[str], str | None],
) -> Iterator[Finding]:
    """Each incident's chain, and that the row beside it ends where the chain ends."""
    rows = select(incidents.c.id, incidents.c.code, incidents.c.last_seq, incidents.c.last_hash)
    for row in connection.execute(rows.order_by(incidents.c.id)).all():
        chain = stored_timeline(connection, row.id)
        result.incidents += 1
        result.entries += len(chain)
        steps.add(len(chain))
        broken = verify_chain(chain, code=row.code)
        if broken is not None:
            yield Finding(row.code, broken.seq, broken.why)
        elif len(chain) < row.last_seq:
            yield Finding(row.code, len(chain) + 1, f"cut off: {row.last_seq} entries were written")
        elif not chain or chain[-1].hash != row.last_hash:
            yield Finding(row.code, len(chain), "the incident's row names another last entry")
        else:
            yield from _holes(chain, row.code, result)
            for seq, sha256 in held_evidence(chain):
                result.evidence += 1
                if (why := damaged(sha256)) is not None:
                    yield Finding(row.code, seq, f"its evidence {sha256[:12]}… {why}")


def _record(connection: Connection, result: Audit, steps: _Steps) -> Iterator[Finding]:
    """The configuration record's chain, and that its head is its last entry."""
    chain = list(record.stored_record(connection))
    result.record_entries = len(chain)
    steps.add(len(chain))
    broken = verify_chain(chain, code=config_record.CODE)
    if broken is not None:
        yield Finding(config_record.CODE, broken.seq, broken.why)
        return
    try:
        head = record.head_of(connection)
    except ValueError as error:
        yield Finding(config_record.CODE, len(chain), f"its head was changed: {error}")
        return
    last = config_record.Head(chain[-1].seq, chain[-1].hash) if chain else config_record.Head()
    if last.seq < head.seq:
        why = f"cut off: {head.seq} entries were written"
        yield Finding(config_record.CODE, last.seq + 1, why)
    elif last != head:
        yield Finding(config_record.CODE, last.seq, "the record's head names another last entry")
    else:
        yield from _holes(chain, config_record.CODE, result)


def _holes(chain: Sequence[Stored], code: str, result: Audit) -> Iterator[Finding]:
    result.holes += sum(stored.text is None for stored in chain)
    for seq, why in hole_problems(chain, explained(chain)):
        yield Finding(code, seq, why)


class _Promises:
    """What signed checkpoints say the tree was, by size: ours, and those kept elsewhere."""

    def __init__(self, origin: str, public_key: bytes, known: Sequence[Known]) -> None:
        self.origin, self.public_key = origin, public_key
        self.by_size: dict[int, list[tuple[str, bytes]]] = {}
        for kept in known:
            self.add(kept.where, kept.checkpoint)

    def add(self, name: str, checkpoint: Checkpoint) -> None:
        self.by_size.setdefault(checkpoint.size, []).append((name, checkpoint.root))


def _tree(
    connection: Connection, result: Audit, steps: _Steps, promises: _Promises
) -> Iterator[Finding]:
    """Grow the tree again, leaf by leaf, and hold it against every checkpoint on the way."""
    yield from _signed(connection, result, promises)
    frontier, held = Frontier(), 0
    for place, leaf in _leaves(connection):
        if place != frontier.size:
            yield Finding("", 0, f"place {frontier.size} of the tree is missing")
            return
        frontier.add(leaf_hash(leaf))
        if frontier.size % _ROWS_A_PIECE == 0:
            steps.add(_ROWS_A_PIECE)
        agreed = True
        for name, root in promises.by_size.pop(frontier.size, []):
            if root != frontier.root():
                agreed = False
                where = f"what differs stands at places {held} to {frontier.size - 1}"
                yield Finding("", 0, f"{name} of size {frontier.size} signs another tree: {where}")
        if agreed:
            held = frontier.size
    result.leaves = frontier.size
    for size in sorted(promises.by_size):
        for name, _ in promises.by_size[size]:
            gone = f"the tree has {frontier.size}: the last {size - frontier.size} are gone"
            yield Finding("", 0, f"{name} covers {size} entries; {gone}")
    if result.checkpoints == 0 and frontier.size:
        yield Finding("", 0, "the tree has entries but no checkpoint: they were removed")


def _leaves(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Yield place and hash in order, a piece at a time."""
    after = -1
    while True:
        query = select(leaves.c.place, leaves.c.hash).where(leaves.c.place > after)
        rows = connection.execute(query.order_by(leaves.c.place).limit(_ROWS_A_PIECE)).all()
        for row in rows:
            yield row.place, _hash_bytes(row.hash)
        if len(rows) < _ROWS_A_PIECE:
            return
        after = rows[-1].place


def _hash_bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:  # somebody wrote what is no hash: no root will agree
        return text.encode()


def _signed(connection: Connection, result: Audit, promises: _Promises) -> Iterator[Finding]:
    """Read the checkpoints of the tables; name those whose note does not hold."""
    for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size)):
        result.checkpoints += 1
        try:
            checkpoint = verify(row.note, promises.origin, promises.public_key)
        except BadNote as error:
            yield Finding("", 0, f"the checkpoint of size {row.size}: {error}")
            continue
        if checkpoint.size != row.size or checkpoint.origin != promises.origin:
            yield Finding("", 0, f"the checkpoint of size {row.size} is another's")
            continue
        promises.add("the checkpoint", checkpoint)
