"""Rows of the days of units: what was said, in its order, and who was reminded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from collector.storage.day_tables import unit_days, unit_days_told
from collector.storage.queries.visibility import in_scope
from collector.storage.schema import units
from incidents.unit_day import Confirmation

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.storage.queries.visibility import Viewer


def add(connection: Connection, said: Confirmation) -> None:
    """Keep what somebody said; what was said before stays."""
    values = {
        "unit": said.unit, "day": said.day.isoformat(), "at": said.at, "actor": said.actor,
        "way": said.way, "is_clean": said.is_clean, "text": said.text, "told_by": said.told_by,
    }  # fmt: skip
    connection.execute(insert(unit_days).values(values))


def said_on(
    connection: Connection, first: date, last: date, *, unit: str | None = None
) -> list[Confirmation]:
    """Return what was said of the days from `first` to `last`, in its order."""
    query = select(unit_days).where(
        unit_days.c.day >= first.isoformat(), unit_days.c.day <= last.isoformat()
    )
    if unit is not None:
        query = query.where(unit_days.c.unit == unit)
    return [_said(row) for row in connection.execute(query.order_by(unit_days.c.id))]


def reminded(connection: Connection, day: date) -> dict[str, tuple[str, ...]]:
    """Return the units that were reminded of a day, each with the people who were."""
    query = select(unit_days_told).where(unit_days_told.c.day == day.isoformat())
    return {
        row.unit: tuple(filter(None, row.people.split("\n"))) for row in connection.execute(query)
    }


def note_reminded(
    connection: Connection, unit: str, day: date, people: Collection[str], now: datetime
) -> None:
    """Note that a unit was reminded; there is one row for each unit and day."""
    values = {"unit": unit, "day": day.isoformat(), "at": now, "people": "\n".join(people)}
    connection.execute(insert(unit_days_told).values(values))


def first_day(connection: Connection) -> date | None:
    """Return the first day of which anything was said; None before there is one."""
    found = connection.scalar(select(func.min(unit_days.c.day)))
    return None if found is None else date.fromisoformat(found)


def units_on(connection: Connection, viewer: Viewer, day: date) -> list[Row[Any]]:
    """Return the units that there are on a day, in Vietnamese order."""
    query = select(units).where(in_scope(viewer, units.c.code))
    valid = (
        units.c.valid_from.is_(None) | (units.c.valid_from <= day.isoformat()),
        units.c.valid_to.is_(None) | (units.c.valid_to >= day.isoformat()),
    )
    return list(connection.execute(query.where(*valid).order_by(units.c.sort_key, units.c.code)))


def _said(row: Row[Any]) -> Confirmation:
    return Confirmation(
        unit=row.unit,
        day=date.fromisoformat(row.day),
        at=row.at,
        actor=row.actor,
        way=row.way,
        is_clean=bool(row.is_clean),
        text=row.text,
        told_by=row.told_by,
    )
