"""The unresolved alerts as stored: what judging goes on with after a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from collector.alerts import OpenAlert, Suppression
from collector.storage.schema import alerts

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_IS_OURS = alerts.c.source == ""


def load_open_alerts(connection: Connection) -> list[tuple[str, OpenAlert]]:
    """Return the unresolved alerts of our own rules, each with its agent."""
    columns = (
        alerts.c.agent, alerts.c.fingerprint, alerts.c.rule, alerts.c.severity,
        alerts.c.started_at, alerts.c.flapping, alerts.c.suppressed, alerts.c.suppressed_by,
    )  # fmt: skip
    rows = connection.execute(select(*columns).where(_IS_OURS, alerts.c.resolved_at.is_(None)))
    return [(row.agent, _open_alert(row)) for row in rows]


def _open_alert(row: Any) -> OpenAlert:
    return OpenAlert(
        row.fingerprint,
        row.rule,
        row.severity,
        row.started_at.timestamp(),
        row.flapping,
        suppression=Suppression(row.suppressed, row.suppressed_by) if row.suppressed else None,
    )


def load_changes(connection: Connection, since: datetime) -> list[tuple[str, str, list[float]]]:
    """Return agent, fingerprint and when it fired and resolved (Unix seconds) of recent alerts."""
    columns = (alerts.c.agent, alerts.c.fingerprint, alerts.c.started_at, alerts.c.resolved_at)
    statement = (
        select(*columns)
        .where(_IS_OURS)
        .where(alerts.c.resolved_at.is_(None) | (alerts.c.resolved_at >= since))
    )
    found: dict[tuple[str, str], list[float]] = {}
    for row in connection.execute(statement):
        times = found.setdefault((row.agent, row.fingerprint), [])
        times += [at.timestamp() for at in (row.started_at, row.resolved_at) if at is not None]
    return [(agent, name, sorted(times)) for (agent, name), times in found.items()]
