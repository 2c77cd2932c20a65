"""Which incidents have just opened and were not looked into yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, func, select

from collector.storage.schema import alerts, entries, incidents
from incidents.state import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

MOST = 20
OPENING = 1


class Opened(NamedTuple):
    """An incident that opened lately.

    Attributes:
        agent: Whom its first alert is about; empty where a person reported it.
        runbook: The first alert's; empty where there is none.
    """

    incident: int
    unit: str
    class_code: str
    agent: str
    runbook: str


def newest(connection: Connection, before: datetime) -> int:
    """Return the number of the last incident that opened before an instant."""
    query = select(func.max(entries.c.incident)).where(
        entries.c.seq == OPENING, entries.c.at < before
    )
    return connection.scalar(query) or 0


def opened_after(connection: Connection, number: int) -> list[Opened]:
    """Return the open incidents behind a number that nobody looked into, the oldest first."""
    first = (
        select(func.min(alerts.c.id))
        .where(alerts.c.incident == incidents.c.id)
        .scalar_subquery()
        .correlate(incidents)
    )
    known = exists().where(
        entries.c.incident == incidents.c.id, entries.c.kind == str(Kind.DIAGNOSED)
    )
    query = (
        select(
            incidents.c.id,
            incidents.c.unit,
            incidents.c.class_code,
            alerts.c.agent,
            alerts.c.runbook,
        )
        .join(alerts, alerts.c.id == first, isouter=True)
        .where(incidents.c.id > number, incidents.c.ended.is_(False), ~known)
        .order_by(incidents.c.id)
        .limit(MOST)
    )
    return [
        Opened(row.id, row.unit, row.class_code, row.agent or "", row.runbook or "")
        for row in connection.execute(query)
    ]
