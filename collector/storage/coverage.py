"""Rows of coverage: one for each unit and day, kept for thirteen months."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from collector.storage.queries.visibility import in_scope
from collector.storage.schema import coverage
from incidents.kpi import Record
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from collector.coverage import Covered
    from collector.storage.queries.visibility import Viewer
    from incidents.kpi import Period

KEPT = timedelta(days=400)


def save_coverage(connection: Connection, days: Iterable[Covered], *, today: date) -> None:
    """Write days over what was known of them, and remove those that are too old."""
    for one in days:
        values = {"expected": one.expected, "heard": one.heard}
        day = one.day.isoformat()
        where = (coverage.c.unit == one.unit, coverage.c.day == day)
        if connection.execute(update(coverage).where(*where).values(values)).rowcount == 0:
            connection.execute(insert(coverage).values(unit=one.unit, day=day, **values))
    oldest = (today - KEPT).isoformat()
    connection.execute(delete(coverage).where(coverage.c.day < oldest))


def days_of(
    connection: Connection, period: Period, viewer: Viewer, unit: str | None
) -> list[Record]:
    """Return the days of a period, of one unit or of all, as figures count them."""
    first, last = (at.astimezone(ZONE).date() for at in (period.begin, period.end))
    statement = select(coverage).where(
        coverage.c.day >= first.isoformat(),
        coverage.c.day < last.isoformat(),
        in_scope(viewer, coverage.c.unit),
    )
    if unit is not None:
        statement = statement.where(coverage.c.unit == unit)
    return [
        Record(
            "day",
            row.day,
            row.unit,
            "",
            _midnight(row.day),
            None,
            good=row.heard,
            total=row.expected,
        )
        for row in connection.execute(statement.order_by(coverage.c.day, coverage.c.unit))
    ]


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), tzinfo=ZONE)
