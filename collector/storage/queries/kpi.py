"""What the figures of a period are made of: terms and times of incidents, outages of alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from collector.storage.queries.visibility import Viewer, in_scope, visible_to
from collector.storage.schema import agents, alerts, deadlines, incidents
from incidents.carrier import CODE as CARRIER
from incidents.kpi import Handled, Outage, Period, Term

UNIT_RULES = ("UnitSilent",)
LINK_RULES = ("TargetDown",)
# The deadline that a restored service meets.
RESTORE = "restore"


def terms(connection: Connection, period: Period, viewer: Viewer, unit: str | None) -> list[Term]:
    """Return the terms that are due in a period; one that ceased to apply before it is not met."""
    statement = (
        select(deadlines, incidents.c.code.label("incident_code"), incidents.c.unit)
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(
            deadlines.c.due_at >= period.begin,
            deadlines.c.due_at < period.end,
            incidents.c.is_drill.is_(False),
            deadlines.c.code != CARRIER,  # a promise of somebody else's: /carriers counts them
            visible_to(viewer),
        )
        .where(or_(deadlines.c.met_at.is_not(None), _was_missed()))
    )
    return [
        Term(row.incident_code, row.unit, row.code, row.start_at, row.due_at, row.met_at)
        for row in connection.execute(_of(statement, unit))
    ]


def watched_since(connection: Connection) -> dict[str, datetime]:
    """Return since when each unit is watched: the enrolment of its first agent.

    Nothing is known of a time before that, neither good nor bad.
    """
    since = func.min(agents.c.enrolled_at).label("since")
    statement = select(agents.c.unit, since).group_by(agents.c.unit)
    return {row.unit: row.since for row in connection.execute(statement)}


def _was_missed() -> ColumnElement[bool]:
    """Unmet when it was due: it had neither stopped before nor does it stand."""
    ran = or_(deadlines.c.stopped_at.is_(None), deadlines.c.stopped_at > deadlines.c.due_at)
    return and_(ran, deadlines.c.paused_since.is_(None))


def handled(
    connection: Connection, period: Period, viewer: Viewer, unit: str | None
) -> list[Handled]:
    """Return the incidents that were detected in a period."""
    restored = and_(deadlines.c.incident == incidents.c.id, deadlines.c.code == RESTORE)
    statement = (
        select(incidents, deadlines.c.met_at)
        .join(deadlines, restored, isouter=True)
        .where(
            incidents.c.detected_at >= period.begin,
            incidents.c.detected_at < period.end,
            incidents.c.is_drill.is_(False),
            visible_to(viewer),
        )
    )
    return [
        Handled(
            row.code,
            row.unit,
            row.severity,
            row.detected_at,
            row.acknowledged_at,
            row.met_at or row.recovered_at,
        )
        for row in connection.execute(_of(statement, unit))
    ]


def outages(
    connection: Connection,
    period: Period,
    rules: tuple[str, ...],
    viewer: Viewer,
    *,
    by_unit: bool,
) -> list[Outage]:
    """Return the outages of units, or of links and devices, that touch a period."""
    statement = select(alerts).where(
        alerts.c.rule.in_(rules),
        in_scope(viewer, alerts.c.unit),
        alerts.c.started_at < period.end,
        or_(alerts.c.resolved_at.is_(None), alerts.c.resolved_at > period.begin),
    )
    return [
        Outage(
            alert=str(row.id),
            subject=row.unit if by_unit else row.host,
            rule=row.rule,
            since=row.started_at,
            until=row.resolved_at,
        )
        for row in connection.execute(statement.order_by(alerts.c.id))
    ]


def _of(statement: Select[Any], unit: str | None) -> Select[Any]:
    return statement if unit is None else statement.where(incidents.c.unit == unit)
