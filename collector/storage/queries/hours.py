"""Decided hours and lists of who was missing, as pages and API show them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from collector.storage.queries.paging import values
from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import expected_hours, missing_lists, units
from incidents.vietnamese import sort_key


@dataclass(frozen=True, slots=True)
class DecidedHours:
    """What a person decided; the field names are the API's. `kind` is empty for a whole unit."""

    unit: str
    unit_name: str
    kind: str
    hours: str
    approved: bool
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class MissingUnit:
    """Who of a unit was missing an hour after its hours began."""

    day: str
    region: str
    unit: str
    unit_name: str
    at: datetime
    expected: int
    items: list[dict[str, Any]]


def decided_hours(connection: Connection, viewer: Viewer) -> list[DecidedHours]:
    """Return all decisions, unit by unit; there is at most one of each unit and kind."""
    name = func.coalesce(units.c.name, expected_hours.c.unit)
    statement = (
        select(
            expected_hours.c.unit,
            name,
            *(expected_hours.c[field] for field in DecidedHours.__slots__[2:]),
        )
        .outerjoin_from(expected_hours, units, units.c.code == expected_hours.c.unit)
        .where(in_scope(viewer, expected_hours.c.unit))
        .order_by(units.c.sort_key, expected_hours.c.unit, expected_hours.c.kind)
    )
    return [DecidedHours(*values(row)) for row in connection.execute(statement)]


def missing_on(
    connection: Connection, day: str, viewer: Viewer, *, region: str | None = None
) -> list[MissingUnit]:
    """Return the units of a day where somebody was missing, region by region."""
    statement = (
        select(missing_lists, units.c.region, units.c.name)
        .join_from(missing_lists, units, units.c.code == missing_lists.c.unit)
        .where(missing_lists.c.day == day, in_scope(viewer, missing_lists.c.unit))
        .order_by(units.c.sort_key, units.c.code)
    )
    if region is not None:
        statement = statement.where(units.c.region == region)
    found = [
        MissingUnit(
            row["day"], row["region"], row["unit"], row["name"], row["at"], row["expected"],
            json.loads(row["items"]),
        )
        for row in connection.execute(statement).mappings()
    ]  # fmt: skip
    missing = [unit for unit in found if unit.items]
    return sorted(missing, key=lambda unit: sort_key(unit.region))


def days_listed(connection: Connection, *, limit: int) -> list[str]:
    """Return the days of which there are lists, the last first."""
    statement = select(missing_lists.c.day).distinct().order_by(missing_lists.c.day.desc())
    return list(connection.scalars(statement.limit(limit)))
