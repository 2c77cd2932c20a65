"""What devices said by themselves, as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, Table, Text, delete, func, insert, select

from collector.storage.columns import BigKey, Instant, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.heard import Heard

MOST_ROWS = 1_000_000
device_events = Table(
    "device_events",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("agent", Text, nullable=False),  # who heard it
    Column("unit", Text, nullable=False),
    Column("target", Text, nullable=False),  # empty: no target has the address
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("labels", Text, nullable=False),  # JSON
    Column("detail", Text, nullable=False),
    Index("device_events_by_target", "target", "at"),
    Index("device_events_by_agent", "agent", "at"),
    Index("device_events_by_instant", "at"),
)


def save_heard(connection: Connection, heard: Sequence[Heard]) -> None:
    """Write what was heard."""
    if heard:
        rows = [
            {**one._asdict(), "labels": json.dumps(dict(one.labels), ensure_ascii=False)}
            for one in heard
        ]
        connection.execute(insert(device_events), rows)


def prune_heard(connection: Connection, before: datetime, *, most: int = MOST_ROWS) -> int:
    """Delete what is older, and of more than `most` rows the oldest."""
    newest = connection.scalar(select(func.max(device_events.c.id))) or 0
    is_old = (device_events.c.at < before) | (device_events.c.id <= newest - most)
    return connection.execute(delete(device_events).where(is_old)).rowcount
