"""Each entry has its place in the tree with its own hash, and each place its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from collector.storage.schema import entries, incidents, leaves, record_entries, unsealed
from incidents.config_record import CODE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

Problem = tuple[str, int, str]


def places(connection: Connection) -> Iterator[Problem]:
    """Yield code, entry and what is wrong."""
    yield from _orphans(connection)
    yield from _of_incidents(connection)
    yield from _of_record(connection)


def _orphans(connection: Connection) -> Iterator[Problem]:
    query = (
        select(entries.c.incident, entries.c.seq)
        .join(incidents, incidents.c.id == entries.c.incident, isouter=True)
        .where(incidents.c.id.is_(None))
        .order_by(entries.c.incident, entries.c.seq)
    )
    for row in connection.execute(query):
        yield f"incident number {row.incident}", row.seq, "the incident's row was removed"


def _of_incidents(connection: Connection) -> Iterator[Problem]:
    same = and_(leaves.c.incident == entries.c.incident, leaves.c.seq == entries.c.seq)
    waits = and_(unsealed.c.incident == entries.c.incident, unsealed.c.seq == entries.c.seq)
    unplaced = (
        select(incidents.c.code, entries.c.seq)
        .join(entries, entries.c.incident == incidents.c.id)
        .join(leaves, same, isouter=True)
        .join(unsealed, waits, isouter=True)
        .where(leaves.c.place.is_(None), unsealed.c.seq.is_(None))
        .order_by(entries.c.incident, entries.c.seq)
    )
    for found in connection.execute(unplaced):
        yield found.code, found.seq, _UNPLACED
    changed = (
        select(incidents.c.code, leaves.c.incident, leaves.c.seq, leaves.c.place, entries.c.hash)
        .select_from(leaves)
        .join(entries, same, isouter=True)
        .join(incidents, incidents.c.id == leaves.c.incident, isouter=True)
        .where(leaves.c.incident != NUMBER)
        .where((entries.c.hash.is_(None)) | (entries.c.hash != leaves.c.hash))
        .order_by(leaves.c.place)
    )
    for leaf in connection.execute(changed):
        code = leaf.code or f"incident number {leaf.incident}"
        yield code, leaf.seq, _changed(leaf.hash, leaf.place)


def _of_record(connection: Connection) -> Iterator[Problem]:
    same = and_(leaves.c.incident == NUMBER, leaves.c.seq == record_entries.c.seq)
    waits = and_(unsealed.c.incident == NUMBER, unsealed.c.seq == record_entries.c.seq)
    unplaced = (
        select(record_entries.c.seq)
        .join(leaves, same, isouter=True)
        .join(unsealed, waits, isouter=True)
        .where(leaves.c.place.is_(None), unsealed.c.seq.is_(None))
        .order_by(record_entries.c.seq)
    )
    for seq in connection.scalars(unplaced):
        yield CODE, seq, _UNPLACED
    changed = (
        select(leaves.c.seq, leaves.c.place, record_entries.c.hash)
        .select_from(leaves)
        .join(record_entries, record_entries.c.seq == leaves.c.seq, isouter=True)
        .where(leaves.c.incident == NUMBER)
        .where((record_entries.c.hash.is_(None)) | (record_entries.c.hash != leaves.c.hash))
        .order_by(leaves.c.place)
    )
    for row in connection.execute(changed):
        yield CODE, row.seq, _changed(row.hash, row.place)


_UNPLACED = "it has no place in the tree: it was put in from outside"


def _changed(found: str | None, place: int) -> str:
    what = "was removed" if found is None else "was rewritten"
    return f"it {what} after it was sealed at place {place}"
