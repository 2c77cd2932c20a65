"""What the figures of a period are made of: terms and times of incidents, outages of alerts."""

from sqlalchemy import Connection, Select, func, or_, select

from collector.storage.schema import alerts, incidents
from incidents.kpi import Handled, Outage, Period, Term

UNIT_RULES = ("UnitSilent",)
LINK_RULES = ("TargetDown",)
# Of drills nothing is counted.
DRILL = "kiem_thu"


def terms(connection: Connection, period: Period, unit: str | None) -> list[Term]:
    """Return the terms that are due in a period."""
    statement = select(incidents).where(
        incidents.c.acknowledge_due_at >= period.begin,
        incidents.c.acknowledge_due_at < period.end,
        incidents.c.class_code != DRILL,
    )
    return [
        Term(
            row.code, row.unit, "ack", row.detected_at, row.acknowledge_due_at, row.acknowledged_at
        )
        for row in connection.execute(_of(statement, unit))
    ]


def handled(connection: Connection, period: Period, unit: str | None) -> list[Handled]:
    """Return the incidents that were detected in a period."""
    restored_at = func.coalesce(incidents.c.recovered_at, incidents.c.closed_at)
    statement = select(incidents, restored_at.label("restored_at")).where(
        incidents.c.detected_at >= period.begin,
        incidents.c.detected_at < period.end,
        incidents.c.class_code != DRILL,
    )
    return [
        Handled(
            row.code, row.unit, row.severity, row.detected_at, row.acknowledged_at, row.restored_at
        )
        for row in connection.execute(_of(statement, unit))
    ]


def outages(
    connection: Connection, period: Period, rules: tuple[str, ...], *, by_unit: bool
) -> list[Outage]:
    """Return the outages of units, or of links and devices, that touch a period."""
    statement = select(alerts).where(
        alerts.c.rule.in_(rules),
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


def _of(statement: Select[tuple[object, ...]], unit: str | None) -> Select[tuple[object, ...]]:
    return statement if unit is None else statement.where(incidents.c.unit == unit)
