"""What is open now, as the pages at the machines may say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.known import FiringAlert, Known, OpenIncident
from collector.storage.schema import alerts, incidents, units

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def load_known(connection: Connection, inside: Collection[str]) -> Known:
    """Return what goes on, apart from what stays inside; records are for nobody.

    Nothing is said of incidents of a nature in `inside`, of those that only some may see, and of
    drills.
    """
    table = incidents.c
    goes_on = table.ended.is_(False) & table.recovered_at.is_(None)
    told, hidden = [], []
    for row in connection.execute(select(incidents).where(goes_on)):
        if row.nature in inside or row.readers or row.is_drill:
            hidden.append(row.id)
            continue
        since = int(row.detected_at.timestamp())
        told.append(
            OpenIncident(
                row.id, row.code, row.title, row.unit, row.host, row.nature, row.severity, since
            )
        )
    return Known(tuple(told), _firing(connection), frozenset(hidden))


def load_contacts(connection: Connection) -> list[tuple[str, str | None, str]]:
    """Return the units as (code, parent, contact)."""
    columns = select(units.c.code, units.c.parent, units.c.contact)
    return [(row.code, row.parent, row.contact) for row in connection.execute(columns)]


def _firing(connection: Connection) -> tuple[FiringAlert, ...]:
    columns = select(
        alerts.c.agent, alerts.c.unit, alerts.c.rule, alerts.c.summary_vi, alerts.c.started_at,
        alerts.c.incident,
    )  # fmt: skip
    is_told = alerts.c.resolved_at.is_(None) & (alerts.c.outcome != "record")
    return tuple(
        FiringAlert(row.agent, row.unit, row.rule, row.summary_vi, int(row.started_at.timestamp()),
                    row.incident)
        for row in connection.execute(columns.where(is_told))
    )  # fmt: skip
