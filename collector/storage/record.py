"""The configuration record in the tables: appended in the transaction of the change itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from collector.storage.entry_rows import stored_of
from collector.storage.record_tables import record_contents, record_entries, record_texts
from collector.storage.schema import facts, unsealed
from collector.storage.witness import witness_of
from incidents.config_record import CODE, NUMBER, Head, RecordKind, parse_head
from incidents.timeline import Stored, canonical_json, entry_hash, new_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.timeline import Entry

HEAD = "record_head"
# One person who looks at one restricted incident, again and again, reads it once.
ONE_READING = timedelta(minutes=10)
_ROWS_A_PIECE = 1_000


def append(
    connection: Connection,
    at: datetime,
    kind: RecordKind,
    actor: str,
    *,
    data: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Add one entry; others who would add one wait until this transaction ends.

    Where the actor deputises for somebody just then, the entry says for whom (`deputy_for`).

    Args:
        actor: `person:NAME` or `machine:NAME`.
        data: Codes, names of things, numbers and instants; nothing a person typed freely.
        texts: What a person typed, by name; sealing can remove it.
    """
    head = head_of(connection, lock=True)
    witness = witness_of(connection)
    if kind != RecordKind.READING and (others := witness.deputy_for(actor, at)):
        data = {**data, "deputy_for": list(others)}
    entry = new_entry(
        code=CODE,
        seq=head.seq + 1,
        at=at,
        actor=actor,
        kind=str(kind),
        data=data,
        texts=texts or {},
        salt=witness.new_salt(),
        previous=head.hash,
        clock=witness.clock(),
    )
    row = {
        "seq": entry.seq,
        "canonical": entry.canonical(),
        "hash": entry.hash(),
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
    }
    words = {"seq": entry.seq, "salt": entry.salt, "text": canonical_json(entry.texts)}
    connection.execute(insert(record_entries).values(row))
    connection.execute(insert(record_texts).values(words))
    connection.execute(insert(unsealed).values(incident=NUMBER, seq=entry.seq))
    following = str(Head(entry.seq, entry.hash()))
    connection.execute(update(facts).where(facts.c.name == HEAD).values(value=following))
    return entry


def record_reading(connection: Connection, incident: str, actor: str, at: datetime) -> bool:
    """Note that somebody read a restricted incident; return whether it is a reading of its own.

    A page that refreshes itself is read once in ten minutes.
    """
    query = (
        select(record_entries.c.canonical)
        .where(record_entries.c.kind == RecordKind.READING, record_entries.c.actor == actor)
        .where(record_entries.c.at > at - ONE_READING)
    )
    this = canonical_json({"incident": incident})
    if any(f'"data":{this}' in canonical for canonical in connection.scalars(query)):
        return False
    append(connection, at, RecordKind.READING, actor, data={"incident": incident})
    return True


def head_of(connection: Connection, *, lock: bool = False) -> Head:
    """Return the last entry's place and hash; `lock` holds other writers off.

    Raises:
        ValueError: Somebody changed the row that keeps it.
    """
    query = select(facts.c.value).where(facts.c.name == HEAD)
    value = connection.scalar(query.with_for_update() if lock else query)
    if value is None and count(connection) == 0:
        if lock:
            connection.execute(insert(facts).values(name=HEAD, value=str(Head())))
        return Head()
    return parse_head(value or "")


def stored_record(connection: Connection, *, after: int = 0) -> Iterator[Stored]:
    """Yield the entries in order as they lie in the tables, words included."""
    while True:
        query = (
            select(record_entries, record_texts.c.salt, record_texts.c.text)
            .join(record_texts, record_texts.c.seq == record_entries.c.seq, isouter=True)
            .where(record_entries.c.seq > after)
            .order_by(record_entries.c.seq)
            .limit(_ROWS_A_PIECE)
        )
        rows = connection.execute(query).all()
        yield from map(stored_of, rows)
        if len(rows) < _ROWS_A_PIECE:
            return
        after = rows[-1].seq


def count(connection: Connection) -> int:
    """Return how many entries the record has."""
    return connection.scalar(select(func.count()).select_from(record_entries)) or 0


def keep_content(connection: Connection, content: str) -> str:
    """Keep a text once and return its digest."""
    digest = entry_hash(content)
    known = select(record_contents.c.digest).where(record_contents.c.digest == digest)
    if connection.scalar(known) is None:
        connection.execute(insert(record_contents).values(digest=digest, content=content))
    return digest


def content_of(connection: Connection, digest: str) -> str | None:
    """Return a kept text."""
    query = select(record_contents.c.content).where(record_contents.c.digest == digest)
    return connection.scalar(query)
