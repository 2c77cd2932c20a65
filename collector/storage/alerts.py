"""Alert rows: what judging says must be open or not, written so that writing twice is once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from collector.alerts import Ended, Firing, Suppression
from collector.outages.topology import Why
from collector.storage.schema import alerts, incidents
from incidents.causes import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.alerts import Change

# How many changes are written together, and how many a query names.
MAX_GROUP = 500
RANK = {"warning": 0, "critical": 1}


class AlertDesk(Protocol):
    """What the desk does about alerts; `tx` is its transaction on the same connection."""

    def alerts_fired(self, tx: Any, of_one: Sequence[Cause], now: datetime) -> int:
        """Open an incident for alerts of one cause or join them to the open one; return which."""

    def alerts_recovered(
        self, tx: Any, incident: int, alerts: Collection[int], now: datetime
    ) -> None:
        """Mark alerts of an incident recovered."""


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
        written = Written([], (), [])
        opened = _open_rows(connection, [change.fingerprint for change in changes])
        children = [change for change in changes if _explained_by(change)]
        others = [change for change in changes if not _explained_by(change)]
        for group in (*_groups(others, opened), *_groups(children, opened)):
            more = self._write_group(connection, group, opened, now)
            done = (*written.done, *more.done)
            written = Written(written.touched + more.touched, done, written.failed + more.failed)
        return written

    def _write_group(
        self,
        connection: Connection,
        group: list[Change],
        opened: Mapping[str, Row[Any]],
        now: datetime,
    ) -> Written:
        """Write some together; where that fails, one by one: one of them alone fails then."""
        try:
            with connection.begin_nested():
                touched = self._write(connection, group, opened, now)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - tried again while the others go on
            if len(group) == 1:
                return Written([], (), [error])
            alone = [self._write_group(connection, [one], opened, now) for one in group]
            return Written(
                [row for one in alone for row in one.touched],
                tuple(change for one in alone for change in one.done),
                [why for one in alone for why in one.failed],
            )
        return Written(touched, tuple(group), [])

    def _write(
        self,
        connection: Connection,
        group: list[Change],
        opened: Mapping[str, Row[Any]],
        now: datetime,
    ) -> list[Touched]:
        touched: list[Touched] = []
        roots = _roots_of(connection, group)
        new = _insert_new(connection, group, opened, roots)
        told: list[tuple[int, Firing]] = []
        ended: list[tuple[int, int]] = []
        for change in group:
            row = opened.get(change.fingerprint)
            if isinstance(change, Ended):
                found = self._end(connection, change, row)
                if row is not None and row.incident is not None:
                    ended.append((row.incident, row.id))
            else:
                found, is_told = self._fire(
                    connection, change, row or new[change.fingerprint], roots
                )
                if is_told:
                    told.append((found.alert, change))
            if found is not None:
                touched.append(found)
        incidents_of = self._tell(connection, told, now) if told else {}
        for incident in dict.fromkeys(incident for incident, _ in ended):
            rows = [row for where, row in ended if where == incident]
            self._desk.alerts_recovered(self._open(connection), incident, rows, now)
        return [
            row._replace(incident=incidents_of[row.alert]) if row.alert in incidents_of else row
            for row in touched
        ]

    def _fire(
        self,
        connection: Connection,
        change: Firing,
        row: Row[Any] | int,
        roots: Mapping[str, Row[Any]],
    ) -> tuple[Touched, bool]:
        """Write an alert that is open; return it, and whether the desk must be told of it.

        Args:
            row: As it is stored, or the number of one that was stored just now.
        """
        root = _root_of(change, roots)
        if isinstance(row, int):
            alert_id, incident, is_worse, outcome = row, None, True, change.outcome
        else:
            alert_id, incident = row.id, row.incident
            is_worse = RANK[change.severity] > RANK[row.severity]
            # What became an incident stays one when the value eases.
            outcome = change.outcome if is_worse else row.outcome
            _update(connection, alert_id, change, outcome, root=root)
        is_wanted = outcome == "incident" and (incident is None or is_worse)
        shown_in = incident if root is None else root.incident
        touched = Touched(alert_id, change.agent, change.unit, outcome, shown_in)
        return touched, is_wanted and change.suppression is None

    def _tell(
        self, connection: Connection, told: Sequence[tuple[int, Firing]], now: datetime
    ) -> dict[int, int]:
        """Open incidents, or join the open ones of their causes or of what they explain."""
        causes: dict[str, list[Cause]] = {}
        for alert_id, change in told:
            cause = _cause(alert_id, change)
            joined = _open_cause_of(connection, change.joins)
            if joined is not None:
                cause = replace(cause, dedup_key=joined)
            causes.setdefault(cause.dedup_key, []).append(cause)
        found: dict[int, int] = {}
        for of_one in causes.values():
            incident = self._desk.alerts_fired(self._open(connection), of_one, now)
            numbers = [cause.alert_id for cause in of_one]
            found |= dict.fromkeys(numbers, incident)
            values = update(alerts).values(incident=incident)
            connection.execute(values.where(alerts.c.id.in_(numbers)))
        return found

    def _end(self, connection: Connection, change: Ended, row: Row[Any] | None) -> Touched | None:
        if row is None:
            return self._record(connection, change)
        statement = (
            update(alerts)
            .where(alerts.c.id == row.id)
            .values(resolved_at=change.at, changed_at=change.at, flapping=False)
        )
        connection.execute(statement)
        shown_in = row.incident
        if row.incident is None and row.root_alert is not None:
            shown_in = _incident_of(connection, row.root_alert)
        return Touched(row.id, row.agent, row.unit, row.outcome, shown_in)

    def _record(self, connection: Connection, change: Ended) -> Touched | None:
        """An alert that came and went before it could be stored is history and pages nobody."""
        was = change.unwritten
        if was is None:
            return None
        row = _row(was, resolved_at=change.at)
        key = connection.execute(insert(alerts).values(row)).inserted_primary_key
        assert key is not None
        return Touched(int(key[0]), was.agent, was.unit, was.outcome, None)


def _roots_of(connection: Connection, group: Sequence[Change]) -> dict[str, Row[Any]]:
    """Return the newest row of each alert that explains one of these, by its fingerprint."""
    found: dict[str, Row[Any]] = {}
    for change in group:
        by = _explained_by(change)
        if by and by not in found:
            statement = (
                select(alerts.c.id, alerts.c.incident)
                .where(alerts.c.fingerprint == by)
                .order_by(alerts.c.id.desc())
                .limit(1)
            )
            row: Any = connection.execute(statement).one_or_none()
            if row is not None:
                found[by] = row
    return found


def _explained_by(change: Change) -> str:
    """Return the fingerprint of the alert that explains one; empty where none does."""
    why = change.suppression if isinstance(change, Firing) else None
    return why.by if why is not None and why.why == Why.PARENT.value else ""


def _root_of(change: Firing, roots: Mapping[str, Row[Any]]) -> Row[Any] | None:
    """Return the row of the alert that explains this one.

    Raises:
        LookupError: It is not in the tables yet: this one is tried again.
    """
    by = _explained_by(change)
    if by and by not in roots:
        raise LookupError(f"the alert {by} that explains {change.fingerprint} is not stored yet")
    return roots[by] if by else None


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


def _open_rows(connection: Connection, fingerprints: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the unresolved rows of these alerts."""
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(fingerprints), MAX_GROUP):
        part = alerts.c.fingerprint.in_(fingerprints[start : start + MAX_GROUP])
        rows = connection.execute(select(alerts).where(part, alerts.c.resolved_at.is_(None)))
        found |= {row.fingerprint: row for row in rows}
    return found


def _groups(changes: Sequence[Change], opened: Mapping[str, Row[Any]]) -> Iterator[list[Change]]:
    """Yield what is written together: of one cause or incident in one change of its file."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        row = opened.get(change.fingerprint)
        key: tuple[object, ...] = ()
        if isinstance(change, Ended):
            if row is not None and row.incident is not None:
                key = ("ended", row.incident)
        elif change.outcome == "incident" and change.suppression is None:
            key = ("told", change.joins, change.dedup_key)
        group = groups.setdefault(key, [])
        if len(group) == MAX_GROUP:
            yield group
            group = groups[key] = []
        group.append(change)
    yield from groups.values()


def _insert_new(
    connection: Connection,
    group: Sequence[Change],
    opened: Mapping[str, Row[Any]],
    roots: Mapping[str, Row[Any]],
) -> dict[str, int]:
    """Store the alerts of a group that are not open yet, together; return their numbers.

    Raises:
        LookupError: What explains one is not in the tables yet.
    """
    new = [
        change
        for change in group
        if isinstance(change, Firing) and change.fingerprint not in opened
    ]
    if not new:
        return {}
    rows = [_row(change, root=_root_of(change, roots)) for change in new]
    statement = insert(alerts).returning(alerts.c.id, sort_by_parameter_order=True)
    numbers = connection.scalars(statement, rows)
    return {change.fingerprint: number for change, number in zip(new, numbers, strict=True)}


def _row(
    change: Firing, *, resolved_at: datetime | None = None, root: Row[Any] | None = None
) -> dict[str, Any]:
    values = {
        "fingerprint": change.fingerprint,
        "rule": change.rule,
        "source": change.source,
        "labels": json.dumps(dict(change.labels), ensure_ascii=False, sort_keys=True),
        "started_at": change.started_at,
        "resolved_at": resolved_at,
        "root_alert": None,
        **_shown(change, change.outcome, root),
    }
    if resolved_at is not None:
        values |= {"changed_at": resolved_at, "flapping": False}
    return values


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
