"""The configuration record as page and API show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, select

from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import checkpoints, incidents, record_entries, record_texts
from incidents.config_record import RecordKind


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One entry of the record; `text` is None when its words were sealed away."""

    seq: int
    at: datetime
    kind: str
    actor: str
    text: str | None
    canonical: str
    hash: str


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
    """Return entries, the newest first, but readings of incidents the viewer may not see."""
    statement = _RECORD.where(~_reading_of_hidden(viewer))
    if kind is not None:
        statement = statement.where(record_entries.c.kind == kind)
    return fetch_page(
        connection,
        statement,
        _NEWEST,
        lambda row: RecordRow(*values(row)),
        lambda entry: str(entry.seq),
        limit=limit,
        after=after,
    )


def _reading_of_hidden(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that an entry names an incident that somebody may not see."""
    named = literal('%"data":{"incident":"') + incidents.c.code + literal('"}%')
    hidden = exists().where(~visible_to(viewer), record_entries.c.canonical.like(named))
    return and_(record_entries.c.kind == RecordKind.READING, hidden)


def newest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """Return the last signed checkpoint; None before the first."""
    query = select(checkpoints.c.size, checkpoints.c.at, checkpoints.c.note)
    row = connection.execute(query.order_by(checkpoints.c.size.desc()).limit(1)).first()
    return None if row is None else CheckpointRow(*values(row))
