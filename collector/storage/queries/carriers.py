"""Reports to carriers of a time, of incidents that somebody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.storage.carriers import carrier_reports
from collector.storage.queries.visibility import visible_to
from collector.storage.schema import incidents
from incidents.carrier import Reported

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer


def reports_between(
    connection: Connection, viewer: Viewer, start: datetime, end: datetime
) -> list[Reported]:
    """Return what was reported from the one instant to before the other, the oldest first."""
    table = carrier_reports.c
    statement = (
        select(incidents.c.code, incidents.c.unit, *(table[n] for n in Reported.__slots__[2:]))
        .join_from(carrier_reports, incidents, incidents.c.id == table.incident)
        .where(table.told_at >= start, table.told_at < end)
        .where(incidents.c.is_drill.is_(False), visible_to(viewer))
        .order_by(table.told_at, table.incident, table.number)
    )
    return [Reported(*row) for row in connection.execute(statement)]
