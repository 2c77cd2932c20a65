"""Alert rows: what judging says must be open or not, written so that writing twice is once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from collector.alerts import Ended, Firing, Suppression
from collector.storage.schema import alerts, incidents
from collector.topology import Why
from incidents.causes import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.alerts import Change

RANK = {"warning": 0, "critical": 1}


class AlertDesk(Protocol):
    """What the desk does about alerts; `tx` is its transaction on the same connection."""

    def alert_fired(self, tx: Any, cause: Cause, now: datetime) -> int:
        """Open an incident for an alert or join it to the open one; return which."""

    def alert_recovered(self, tx: Any, incident: int, alert_id: int, now: datetime) -> None:
        """Mark an alert of an incident recovered."""


class Touched(NamedTuple):
    """An alert row that was written, for those who watch."""

    alert: int
    agent: str
    unit: str
    outcome: str
    incident: int | None


class Written(NamedTuple):
    """What became of the changes: the rows, what is stored, and why the rest is not."""

    touched: list[Touched]
    done: tuple[Change, ...]
    failed: list[Exception]


class AlertWriter:
    """Writes changes and tells the desk in the same transaction."""

    def __init__(self, desk: AlertDesk, open_transaction: Callable[[Connection], Any]) -> None:
        self._desk, self._open = desk, open_transaction

    def write(self, connection: Connection, changes: Sequence[Change], now: datetime) -> Written:
        """Make the tables say what the changes say; one that fails does not stop the others.

        Raises:
            SQLAlchemyError: The database itself failed: nothing was written.
        """
        touched: list[Touched] = []
        done: list[Change] = []
        failed: list[Exception] = []
        for change in sorted(changes, key=_is_child):
            try:
                with connection.begin_nested():
                    row = self._write(connection, change, now)
            except SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001 - tried again while the others go on
                failed.append(error)
                continue
            done.append(change)
            if row is not None:
                touched.append(row)
        return Written(touched, tuple(done), failed)

    def _write(self, connection: Connection, change: Change, now: datetime) -> Touched | None:
        if isinstance(change, Firing):
            return self._fire(connection, change, now)
        return self._end(connection, change, now)

    def _fire(self, connection: Connection, change: Firing, now: datetime) -> Touched:
        row = _open_row(connection, change.fingerprint)
        root = _root_of(connection, change)
        if row is None:
            alert_id = _insert(connection, change, root=root)
            incident, is_worse, outcome = None, True, change.outcome
        else:
            alert_id, incident = row.id, row.incident
            is_worse = RANK[change.severity] > RANK[row.severity]
            # What became an incident stays one when the value eases.
            outcome = change.outcome if is_worse else row.outcome
            _update(connection, alert_id, change, outcome, root=root)
        is_wanted = outcome == "incident" and (incident is None or is_worse)
        if is_wanted and change.suppression is None:
            incident = self._tell(connection, alert_id, change, now)
            statement = update(alerts).where(alerts.c.id == alert_id).values(incident=incident)
            connection.execute(statement)
        shown_in = incident if root is None else root.incident
        return Touched(alert_id, change.agent, change.unit, outcome, shown_in)

    def _tell(
        self,
        connection: Connection,
        alert_id: int,
        change: Firing,
        now: datetime,
    ) -> int:
        """Open an incident, or join the open one of its cause or of what it explains."""
        cause = _cause(alert_id, change)
        joined = _open_cause_of(connection, change.joins)
        if joined is not None:
            cause = replace(cause, dedup_key=joined)
        return self._desk.alert_fired(self._open(connection), cause, now)

    def _end(self, connection: Connection, change: Ended, now: datetime) -> Touched | None:
        row = _open_row(connection, change.fingerprint)
        if row is None:
            return self._record(connection, change)
        statement = (
            update(alerts)
            .where(alerts.c.id == row.id)
            .values(resolved_at=change.at, changed_at=change.at, flapping=False)
        )
        connection.execute(statement)
        shown_in = row.incident
        if row.incident is not None:
            self._desk.alert_recovered(self._open(connection), row.incident, row.id, now)
        elif row.root_alert is not None:
            shown_in = _incident_of(connection, row.root_alert)
        return Touched(row.id, row.agent, row.unit, row.outcome, shown_in)

    def _record(self, connection: Connection, change: Ended) -> Touched | None:
        """An alert that came and went before it could be stored is history and pages nobody."""
        was = change.unwritten
        if was is None:
            return None
        alert_id = _insert(connection, was, resolved_at=change.at)
        return Touched(alert_id, was.agent, was.unit, was.outcome, None)


def _is_child(change: Change) -> bool:
    """What is explained by another alert is written after it."""
    why = getattr(change, "suppression", None)
    return why is not None and why.why == Why.PARENT.value


def _root_of(connection: Connection, change: Firing) -> Row[Any] | None:
    """Return the newest row of the alert that explains this one.

    Raises:
        LookupError: It is not in the tables yet: this one is tried again.
    """
    if not _is_child(change) or change.suppression is None:
        return None
    by = change.suppression.by
    statement = (
        select(alerts.c.id, alerts.c.incident)
        .where(alerts.c.fingerprint == by)
        .order_by(alerts.c.id.desc())
        .limit(1)
    )
    row: Any = connection.execute(statement).one_or_none()
    if row is None:
        raise LookupError(f"the alert {by} that explains {change.fingerprint} is not stored yet")
    found: Row[Any] = row
    return found


def _incident_of(connection: Connection, alert: int) -> int | None:
    return connection.scalar(select(alerts.c.incident).where(alerts.c.id == alert))


def _open_cause_of(connection: Connection, fingerprints: Sequence[str]) -> str | None:
    """Return the cause of the oldest open incident that one of these alerts belongs to."""
    if not fingerprints:
        return None
    statement = (
        select(incidents.c.dedup_key)
        .join(alerts, alerts.c.incident == incidents.c.id)
        .where(alerts.c.fingerprint.in_(fingerprints), alerts.c.resolved_at.is_(None))
        .where(incidents.c.dedup_key.is_not(None))
        .order_by(incidents.c.id)
        .limit(1)
    )
    return connection.scalar(statement)


def _open_row(connection: Connection, fingerprint: str) -> Row[Any] | None:
    statement = select(alerts).where(
        alerts.c.fingerprint == fingerprint, alerts.c.resolved_at.is_(None)
    )
    return connection.execute(statement).one_or_none()


def _insert(
    connection: Connection,
    change: Firing,
    *,
    resolved_at: datetime | None = None,
    root: Row[Any] | None = None,
) -> int:
    values = {
        "fingerprint": change.fingerprint,
        "rule": change.rule,
        "source": change.source,
        "labels": json.dumps(dict(change.labels), ensure_ascii=False, sort_keys=True),
        "started_at": change.started_at,
        "resolved_at": resolved_at,
        **_shown(change, change.outcome, root),
    }
    if resolved_at is not None:
        values |= {"changed_at": resolved_at, "flapping": False}
    key = connection.execute(insert(alerts).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _update(
    connection: Connection,
    alert_id: int,
    change: Firing,
    outcome: str,
    *,
    root: Row[Any] | None,
) -> None:
    values = _shown(change, outcome, root)
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(values))


def _shown(change: Firing, outcome: str, root: Row[Any] | None) -> dict[str, Any]:
    suppression = change.suppression or Suppression("")
    return {
        "suppressed": suppression.why,
        "suppressed_by": suppression.by,
        "agent": change.agent,
        "host": change.host,
        "unit": change.unit,
        "severity": change.severity,
        "outcome": outcome,
        "value": change.value,
        "summary_vi": change.summary_vi,
        "summary_en": change.summary_en,
        "runbook": change.runbook,
        "revision": change.revision,
        "changed_at": change.at,
        "flapping": change.is_flapping,
        # Told by itself later, it stays in the file of what explained it at first.
        **({} if root is None else {"root_alert": root.id}),
    }


def _cause(alert_id: int, change: Firing) -> Cause:
    return Cause(
        alert_id=alert_id,
        dedup_key=change.dedup_key,
        rule=change.rule,
        class_code=change.class_code,
        impact=change.impact,
        scope=change.scope,
        severity=change.severity,
        unit=change.unit,
        unit_name=change.unit_name,
        host=change.host,
        summary_vi=change.summary_vi,
        summary_en=change.summary_en,
        value=change.value,
        started_at=change.started_at,
        runbook=change.runbook,
        revision=change.revision,
        node=change.agent,
    )
