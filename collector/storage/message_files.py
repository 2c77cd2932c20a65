"""Files that go with messages: kept with the message, gone some time after it has left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from collector.storage.day_tables import message_files
from collector.storage.schema import outbox
from incidents.outbox import Attached

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.outbox import Message


def attach(connection: Connection, message_id: str, file: Attached) -> None:
    """Let a file go with a message that was queued in this transaction."""
    values = {
        "message_id": message_id, "name": file.name, "media_type": file.media_type,
        "content": file.content,
    }  # fmt: skip
    connection.execute(insert(message_files).values(values))


def with_files(connection: Connection, messages: list[Message]) -> list[Message]:
    """Return claimed messages, each with its files."""
    if not messages:
        return messages
    query = select(message_files).where(
        message_files.c.message_id.in_([one.message_id for one in messages])
    )
    found: dict[str, tuple[Attached, ...]] = {}
    for row in connection.execute(query.order_by(message_files.c.name)):
        file = Attached(row.name, row.media_type, bytes(row.content))
        found[row.message_id] = (*found.get(row.message_id, ()), file)
    return [replace(one, files=found.get(one.message_id, ())) for one in messages]


def prune(connection: Connection, before: datetime) -> int:
    """Remove files of messages that were queued before an instant; return how many."""
    old = select(outbox.c.message_id).where(outbox.c.created_at < before)
    gone = delete(message_files).where(message_files.c.message_id.in_(old))
    return connection.execute(gone).rowcount
