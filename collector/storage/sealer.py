"""The sealer: gives new entries their place in the one Merkle tree and signs what the tree is.

It runs now and then as one write of its own; whoever writes entries never waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select, tuple_, union_all

from collector.storage.schema import checkpoints, entries, leaves, record_entries, unsealed
from incidents.checkpoint import Checkpoint, sign
from incidents.config_record import NUMBER
from incidents.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from datetime import datetime

    from nacl.signing import SigningKey
    from sqlalchemy import Connection

# Names the tree and its key in every note.
ORIGIN = "wanwatch"
BATCH = 2_000
_ROWS_A_DELETE = 200


def seal(
    connection: Connection, now: datetime, *, key: SigningKey, origin: str, limit: int = BATCH
) -> Checkpoint | None:
    """Place up to `limit` waiting entries and sign a checkpoint; None when none waits.

    Args:
        origin: Names the tree and the key in the note: no spaces, no plus sign.
    """
    waiting = _waiting(connection, limit)
    if not waiting:
        return None
    frontier = last_frontier(connection)
    placed = []
    for incident, seq, entry_hash in waiting:
        placed.append(
            {"place": frontier.size, "incident": incident, "seq": seq, "hash": entry_hash}
        )
        frontier.add(leaf_hash(bytes.fromhex(entry_hash)))
    connection.execute(insert(leaves), placed)
    _no_longer_waiting(connection, [(incident, seq) for incident, seq, _ in waiting])
    checkpoint = Checkpoint(origin, frontier.size, frontier.root())
    row = {
        "size": frontier.size,
        "at": now,
        "frontier": " ".join(node.hex() for node in frontier.hashes),
        "note": sign(checkpoint, origin, key),
    }
    connection.execute(insert(checkpoints).values(row))
    return checkpoint


def last_frontier(connection: Connection) -> Frontier:
    """Return the right edge of the tree as the last checkpoint left it."""
    query = select(checkpoints.c.size, checkpoints.c.frontier).order_by(checkpoints.c.size.desc())
    last = connection.execute(query.limit(1)).first()
    if last is None:
        return Frontier()
    return Frontier(last.size, [bytes.fromhex(node) for node in last.frontier.split()])


def newest_note(connection: Connection) -> str | None:
    """Return the newest signed checkpoint, to be carried away."""
    query = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    return connection.scalar(query)


def _waiting(connection: Connection, limit: int) -> list[tuple[int, int, str]]:
    """Entries of incidents and of the configuration record, in the order of their instants."""
    same = and_(entries.c.incident == unsealed.c.incident, entries.c.seq == unsealed.c.seq)
    of_incidents = select(entries.c.at, entries.c.incident, entries.c.seq, entries.c.hash).join(
        unsealed, same
    )
    same = and_(unsealed.c.incident == NUMBER, unsealed.c.seq == record_entries.c.seq)
    of_record = select(
        record_entries.c.at, unsealed.c.incident, record_entries.c.seq, record_entries.c.hash
    ).join(unsealed, same)
    both = union_all(of_incidents, of_record).subquery()
    query = select(both).order_by(both.c.at, both.c.incident, both.c.seq).limit(limit)
    return [(row.incident, row.seq, row.hash) for row in connection.execute(query)]


def _no_longer_waiting(connection: Connection, places: list[tuple[int, int]]) -> None:
    place = tuple_(unsealed.c.incident, unsealed.c.seq)
    for start in range(0, len(places), _ROWS_A_DELETE):
        chosen = places[start : start + _ROWS_A_DELETE]
        connection.execute(delete(unsealed).where(place.in_(chosen)))
