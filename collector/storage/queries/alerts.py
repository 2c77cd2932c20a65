"""Alerts and worklist lines as pages and API show them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, String, case, cast, func, select

from collector.fleet import OWN_AGENT
from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, in_scope, visible_to
from collector.storage.schema import alerts, incidents, mutes, units

AlertState = Literal["firing", "resolved", "all"]
Severity = Literal["warning", "critical"]
Outcome = Literal["incident", "worklist", "record"]


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One machine fact; the field names are the API's.

    Attributes:
        suppressed: Why it is not told; empty where it is. `suppressed_by`: what suppresses it.
        revision: Of the configuration that judged it; the record has it under this name.
        root_incident: The incident of what explains it, or once did.
        muted_by, mute_reason, muted_until: Who silenced it or works on it, why, until when.
        source: Who outside said it; empty: our own rules.
    """

    id: int
    rule: str
    agent: str
    host: str
    unit: str
    unit_name: str
    severity: str
    outcome: str
    value: str
    summary_vi: str
    summary_en: str
    labels: str
    runbook: str
    revision: str
    started_at: datetime
    changed_at: datetime
    resolved_at: datetime | None
    flapping: bool
    suppressed: str
    suppressed_by: str
    incident: str | None
    root_incident: str | None
    muted_by: str | None
    mute_reason: str | None
    muted_until: datetime | None
    source: str

    @property
    def is_of_host(self) -> bool:
        """Say whether a host has it, not a unit, a device without an agent or the collector."""
        return self.agent != OWN_AGENT and ":" not in self.agent


@dataclass(frozen=True, slots=True)
class FiringCount:
    """How many alerts fire in one unit."""

    unit: str
    critical: int
    warning: int


_PLAIN = AlertRow.__slots__[6:20]
_roots, _root_incidents = alerts.alias("roots"), incidents.alias("root_incidents")


def _alerts(viewer: Viewer) -> Select[Any]:
    """Return the alerts of units that somebody sees; an incident only to who may see it."""
    code = case((visible_to(viewer), incidents.c.code))
    root_code = case((visible_to(viewer, _root_incidents), _root_incidents.c.code))
    return (
        select(
            alerts.c.id,
            alerts.c.rule,
            alerts.c.agent,
            alerts.c.host,
            alerts.c.unit,
            func.coalesce(units.c.name, alerts.c.unit).label("unit_name"),
            *(alerts.c[name] for name in _PLAIN),
            code.label("code"),
            root_code.label("root_code"),
            func.coalesce(func.nullif(mutes.c.owner, ""), mutes.c.created_by),
            mutes.c.reason,
            mutes.c.ends_at,
            alerts.c.source,
        )
        .outerjoin_from(alerts, units, units.c.code == alerts.c.unit)
        .outerjoin(incidents, incidents.c.id == alerts.c.incident)
        .outerjoin(_roots, _roots.c.id == alerts.c.root_alert)
        .outerjoin(_root_incidents, _root_incidents.c.id == _roots.c.incident)
        .outerjoin(
            mutes,
            (mutes.c.kind == alerts.c.suppressed)
            & (cast(mutes.c.id, String) == alerts.c.suppressed_by),
        )
        .where(in_scope(viewer, alerts.c.unit))
    )


# Firing before resolved, critical before warning, the newest first.
_RANK = case((alerts.c.resolved_at.is_not(None), 2), (alerts.c.severity == "critical", 0), else_=1)
_ALERT_ORDER = Order((_RANK, -alerts.c.id), alerts.c.id)
_SEVERITY_RANK = case((alerts.c.severity == "critical", 0), else_=1)
_WORKLIST_ORDER = Order((alerts.c.unit, _SEVERITY_RANK, alerts.c.id), alerts.c.id)


def _alert(row: Row[Any]) -> AlertRow:
    return AlertRow(*values(row))


def list_alerts(
    connection: Connection,
    viewer: Viewer,
    *,
    state: AlertState = "all",
    unit: str | None = None,
    agent: str | None = None,
    rule: str | None = None,
    severity: Severity | None = None,
    outcome: Outcome | None = None,
    suppressed: bool | None = None,
    limit: int,
    after: int | None = None,
) -> Page[AlertRow]:
    """Return alerts: firing first, critical before warning, then the newest.

    `suppressed`: only those that are recorded and not told, or only the others.
    """
    statement = _alerts(viewer)
    if state != "all":
        resolved = alerts.c.resolved_at.is_not(None)
        statement = statement.where(resolved if state == "resolved" else ~resolved)
    if suppressed is not None:
        statement = statement.where((alerts.c.suppressed != "") == suppressed)
    wanted = {"unit": unit, "agent": agent, "rule": rule, "severity": severity, "outcome": outcome}
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(alerts.c[name] == value)
    return fetch_page(
        connection,
        statement,
        replace(_ALERT_ORDER, among=in_scope(viewer, alerts.c.unit)),
        _alert,
        lambda alert: str(alert.id),
        limit=limit,
        after=after,
    )


def list_worklist(
    connection: Connection,
    viewer: Viewer,
    *,
    unit: str | None = None,
    limit: int,
    after: int | None = None,
) -> Page[AlertRow]:
    """Return worklist lines that still hold and belong to no incident, unit by unit."""
    statement = (
        _alerts(viewer)
        .where(alerts.c.outcome == "worklist")
        .where(alerts.c.resolved_at.is_(None))
        .where(alerts.c.incident.is_(None))
        .where(alerts.c.suppressed == "")
    )
    if unit is not None:
        statement = statement.where(alerts.c.unit == unit)
    return fetch_page(
        connection,
        statement,
        replace(_WORKLIST_ORDER, among=in_scope(viewer, alerts.c.unit)),
        _alert,
        lambda alert: str(alert.id),
        limit=limit,
        after=after,
    )


def find_alert(connection: Connection, alert: int, viewer: Viewer) -> AlertRow | None:
    """Return one alert."""
    row = connection.execute(_alerts(viewer).where(alerts.c.id == alert)).first()
    return None if row is None else _alert(row)


def alerts_out_of_scope(connection: Connection, ids: Collection[str], viewer: Viewer) -> set[str]:
    """Return which of these numbers belong to alerts of units that somebody does not see."""
    numbers = [int(one) for one in ids if one.isdecimal()]
    asked = select(alerts.c.id).where(alerts.c.id.in_(numbers), ~in_scope(viewer, alerts.c.unit))
    return {str(number) for number in connection.scalars(asked)}


def alerts_of_incident(
    connection: Connection, incident: int, viewer: Viewer, *, limit: int
) -> list[AlertRow]:
    """Return an incident's alerts, those that still fire first."""
    statement = _alerts(viewer).where(alerts.c.incident == incident)
    return [_alert(row) for row in connection.execute(_ordered(statement, limit))]


def children_of_incident(
    connection: Connection, incident: int, viewer: Viewer, *, limit: int
) -> list[AlertRow]:
    """Return the alerts that an incident's alerts explain, or did, unit by unit."""
    statement = _alerts(viewer).where(_roots.c.incident == incident)
    keys = (alerts.c.resolved_at.is_not(None), alerts.c.unit, alerts.c.host, alerts.c.id)
    return [_alert(row) for row in connection.execute(statement.order_by(*keys).limit(limit))]


def count_children(connection: Connection, incident: int, viewer: Viewer) -> int:
    """Return how many alerts an incident's alerts explain, or did."""
    statement = (
        select(func.count()).select_from(alerts).join(_roots, _roots.c.id == alerts.c.root_alert)
    )
    theirs = statement.where(_roots.c.incident == incident, in_scope(viewer, alerts.c.unit))
    return connection.scalar(theirs) or 0


def _ordered(statement: Select[Any], limit: int) -> Select[Any]:
    return statement.order_by(*_ALERT_ORDER.keys).limit(limit)


def firing_counts(connection: Connection, viewer: Viewer) -> list[FiringCount]:
    """Return how many alerts fire in each unit that has any; facts for the record do not count."""
    critical = func.sum(case((alerts.c.severity == "critical", 1), else_=0))
    statement = (
        select(alerts.c.unit, critical, func.count() - critical)
        .where(alerts.c.resolved_at.is_(None))
        .where(alerts.c.outcome != "record")
        .where(alerts.c.suppressed == "", in_scope(viewer, alerts.c.unit))
        .group_by(alerts.c.unit)
    )
    return [FiringCount(*values(row)) for row in connection.execute(statement)]


def worst_by_agent(connection: Connection, unit: str, viewer: Viewer) -> dict[str, tuple[int, int]]:
    """Return (critical, warning) counts of firing alerts for each agent of a unit."""
    critical = func.sum(case((alerts.c.severity == "critical", 1), else_=0))
    statement = (
        select(alerts.c.agent, critical, func.count() - critical)
        .where(alerts.c.unit == unit, in_scope(viewer, alerts.c.unit))
        .where(alerts.c.resolved_at.is_(None))
        .where(alerts.c.outcome != "record")
        .where(alerts.c.suppressed == "")
        .group_by(alerts.c.agent)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(statement)}
