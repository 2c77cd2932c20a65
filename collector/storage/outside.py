"""Rows of alerts from outside: written with the turn that judged them, read at a start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from collector.alerts import Suppression
from collector.alerts_in.alert import OutsideAlert
from collector.alerts_in.book import StoredAlert
from collector.storage.outside_tables import outside_alerts
from collector.storage.schema import alerts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.alerts_in.alert import Labels
    from collector.alerts_in.book import KnownAlert, News

_AT_ONCE = 500


def save_outside(connection: Connection, news: News) -> None:
    """Make the table say what is known now."""
    rows = [_row(known) for known in news.changed]
    if rows:
        make: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = make.insert(outside_alerts)
        given = {one.name: statement.excluded[one.name] for one in outside_alerts.c}
        del given["fingerprint"]
        connection.execute(
            statement.on_conflict_do_update(index_elements=["fingerprint"], set_=given), rows
        )
    gone = list(news.forgotten)
    for start in range(0, len(gone), _AT_ONCE):
        part = outside_alerts.c.fingerprint.in_(gone[start : start + _AT_ONCE])
        connection.execute(delete(outside_alerts).where(part))


def load_outside(connection: Connection) -> list[StoredAlert]:
    """Return what is known, and which of it is open; an open alert without a row is over."""
    found = {row.fingerprint: row for row in connection.execute(select(outside_alerts))}
    columns = (
        alerts.c.fingerprint, alerts.c.source, alerts.c.labels, alerts.c.started_at,
        alerts.c.suppressed, alerts.c.suppressed_by,
    )  # fmt: skip
    is_open = alerts.c.resolved_at.is_(None) & (alerts.c.source != "")
    rows = {row.fingerprint: row for row in connection.execute(select(*columns).where(is_open))}
    stored = [_stored(row, rows.get(name)) for name, row in found.items()]
    return [*stored, *(_orphan(row) for name, row in rows.items() if name not in found)]


def _row(known: KnownAlert) -> dict[str, Any]:
    alert = known.alert
    return {
        "fingerprint": known.fingerprint,
        "source": known.source.id,
        "labels": _written(alert.labels),
        "annotations": _written(alert.annotations),
        "starts_at": alert.starts_at,
        "ends_at": alert.ends_at,
        "updated_at": alert.updated_at,
        "lease": alert.is_lease,
        "generator_url": alert.generator_url,
    }


def _stored(row: Any, opened: Any) -> StoredAlert:
    why = None
    if opened is not None and opened.suppressed:
        why = Suppression(opened.suppressed, opened.suppressed_by)
    alert = OutsideAlert(
        _read(row.labels), _read(row.annotations), row.starts_at, row.ends_at, row.updated_at,
        row.lease, row.generator_url,
    )  # fmt: skip
    return StoredAlert(row.fingerprint, row.source, alert, opened is not None, why)


def _orphan(row: Any) -> StoredAlert:
    """An open alert of which nothing else is known: it ended when it began."""
    labels = tuple(sorted(json.loads(row.labels).items()))
    at = row.started_at
    return StoredAlert(
        row.fingerprint, row.source, OutsideAlert(labels, (), at, at, at), is_open=True
    )


def _written(pairs: Labels) -> str:
    return json.dumps(pairs, ensure_ascii=False)


def _read(text: str) -> Labels:
    return tuple((name, value) for name, value in json.loads(text))
