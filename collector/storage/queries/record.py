"""The configuration record as page and API show it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, hidden_among
from collector.storage.schema import checkpoints, record_entries, record_texts


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One entry of the record; `text` is None when its words were sealed away.

    Attributes:
        hidden: It tells of an incident that the viewer may not see, or of what is not in their
            units: neither words nor bytes.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    text: str | None
    canonical: str
    hash: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed checkpoint: how many entries the tree had, and the note that says so."""

    size: int
    at: datetime
    note: str


_RECORD: Select[Any] = select(
    record_entries.c.seq,
    record_entries.c.at,
    record_entries.c.kind,
    record_entries.c.actor,
    record_texts.c.text,
    record_entries.c.canonical,
    record_entries.c.hash,
).outerjoin_from(record_entries, record_texts, record_texts.c.seq == record_entries.c.seq)
_NEWEST = Order((-record_entries.c.seq,), record_entries.c.seq)


def list_record(
    connection: Connection,
    viewer: Viewer,
    *,
    kind: str | None = None,
    limit: int,
    after: int | None = None,
) -> Page[RecordRow]:
    """Return entries, the newest first, as far as somebody may see what they tell of."""
    statement = _RECORD if kind is None else _RECORD.where(record_entries.c.kind == kind)
    found = fetch_page(
        connection,
        statement,
        _NEWEST,
        lambda row: RecordRow(*values(row)),
        lambda entry: str(entry.seq),
        limit=limit,
        after=after,
    )
    named = {row.seq: code for row in found.items if (code := _incident_of(row))}
    hidden = hidden_among(connection, set(named.values()), viewer) if named else set()
    items = [
        row if named.get(row.seq) not in hidden and _is_in_scope(row, viewer) else _veiled(row)
        for row in found.items
    ]
    return Page(items, found.next)


def _is_in_scope(row: RecordRow, viewer: Viewer) -> bool:
    """Say whether an entry is about a unit that somebody sees; policy is of the whole province."""
    return viewer.units is None or viewer.sees(str(json.loads(row.canonical)["data"].get("unit")))


def _incident_of(row: RecordRow) -> str:
    return str(json.loads(row.canonical)["data"].get("incident", ""))


def _veiled(row: RecordRow) -> RecordRow:
    return replace(row, text=None, canonical="", hidden=True)


def newest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """Return the last signed checkpoint; None before the first."""
    query = select(checkpoints.c.size, checkpoints.c.at, checkpoints.c.note)
    row = connection.execute(query.order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if row is None else CheckpointRow(*values(row))
