"""What Alertmanagers were told, in the tables, and which of our alerts they are to be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from collector.alerts_in.alert import label_fingerprint, labels_of
from collector.alerts_in.label_view import VIEWED, view_of_row
from collector.alerts_out.ledger import Sent
from collector.storage.outside_tables import sent_alerts
from collector.storage.schema import alerts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.alerts_out.ledger import Followed

_COLUMNS = (*VIEWED, "outcome", "summary_vi", "summary_en", "value", "runbook", "started_at")


def load_sent(connection: Connection) -> dict[str, Sent]:
    """Return what Alertmanagers were told, by fingerprint."""
    found = {}
    for row in connection.execute(select(sent_alerts)):
        found[row.fingerprint] = Sent(
            row.fingerprint, _read(row.labels), _read(row.annotations), row.generator_url,
            row.starts_at, row.ends_at,
        )  # fmt: skip
    return found


def load_wanted(connection: Connection, console_url: str) -> list[Sent]:
    """Return our own alerts that are told: what others said to us they are not told again."""
    is_told = alerts.c.resolved_at.is_(None) & (alerts.c.suppressed == "")
    is_ours = (alerts.c.source == "") & (alerts.c.outcome != "record")
    columns = (alerts.c[name] for name in _COLUMNS)
    rows = connection.execute(select(*columns).where(is_told, is_ours))
    return [_wanted(row, console_url) for row in rows]


def save_sent(connection: Connection, followed: Followed) -> None:
    """Make the table say what they are told from now on."""
    gone = [*followed.forgotten, *(one.fingerprint for one in followed.changed)]
    for fingerprint in gone:
        connection.execute(delete(sent_alerts).where(sent_alerts.c.fingerprint == fingerprint))
    if followed.changed:
        connection.execute(insert(sent_alerts), [_row(one) for one in followed.changed])


def _wanted(row: Any, console_url: str) -> Sent:
    labels = labels_of({**view_of_row(row), "outcome": row.outcome})
    runbook = f"{console_url}/runbooks/{row.runbook}" if row.runbook and console_url else ""
    said = {
        "summary": row.summary_vi,
        "summary_en": row.summary_en,
        "value": row.value,
        "runbook_url": runbook,
    }
    url = f"{console_url}/alerts" if console_url else ""
    return Sent(label_fingerprint(labels), labels, labels_of(said), url, row.started_at)


def _row(one: Sent) -> dict[str, Any]:
    return {
        "fingerprint": one.fingerprint,
        "labels": json.dumps(one.labels, ensure_ascii=False),
        "annotations": json.dumps(one.annotations, ensure_ascii=False),
        "generator_url": one.generator_url,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
    }


def _read(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(text))
