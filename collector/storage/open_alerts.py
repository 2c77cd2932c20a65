"""The unresolved alerts as stored: what judging goes on with after a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from collector.alerts import OpenAlert, Suppression
from collector.storage.schema import alerts

if TYPE_CHECKING:
    from sqlalchemy import Connection


def load_open_alerts(connection: Connection) -> list[tuple[str, OpenAlert]]:
    """Return the unresolved alerts, each with its agent."""
    columns = (
        alerts.c.agent, alerts.c.fingerprint, alerts.c.rule, alerts.c.severity,
        alerts.c.started_at, alerts.c.flapping, alerts.c.suppressed, alerts.c.suppressed_by,
    )  # fmt: skip
    rows = connection.execute(select(*columns).where(alerts.c.resolved_at.is_(None)))
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
