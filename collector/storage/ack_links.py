"""What an acknowledge link is about, and that it was used: kept with its message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from collector.storage.schema import incidents, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AckLink:
    """A link's incident, its person, and when it was used."""

    incident: int
    code: str
    recipient: str
    severity: str
    ended: bool
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    used_at: datetime | None


def find_link(connection: Connection, message_id: str) -> AckLink | None:
    """Return what the link of a message is about; None: there is no such message any more."""
    query = (
        select(
            incidents.c.id,
            incidents.c.code,
            outbox.c.recipient,
            incidents.c.severity,
            incidents.c.ended,
            incidents.c.acknowledged_at,
            incidents.c.acknowledged_by,
            outbox.c.link_used_at,
        )
        .join(incidents, incidents.c.id == outbox.c.incident)
        .where(outbox.c.message_id == message_id)
    )
    row = connection.execute(query).first()
    return None if row is None else AckLink(*row)


def use_link(connection: Connection, message_id: str, now: datetime) -> bool:
    """Use a link up; False: somebody was first."""
    change = (
        update(outbox)
        .where(outbox.c.message_id == message_id, outbox.c.link_used_at.is_(None))
        .values(link_used_at=now)
    )
    return connection.execute(change).rowcount == 1
