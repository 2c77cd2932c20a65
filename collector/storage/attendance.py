"""Rows of attendance: one for each unit, kind and day of the last fortnight."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from collector.outages.usual import Day
from collector.storage.schema import attendance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def load_attendance(connection: Connection, since: date) -> list[Day]:
    """Return the days from `since` on."""
    statement = select(attendance).where(attendance.c.day >= since.isoformat())
    return [
        Day(
            unit=row.unit,
            kind=row.kind,
            day=date.fromisoformat(row.day),
            hosts=row.hosts,
            slots=tuple(slot and (slot[0], slot[1]) for slot in json.loads(row.slots)),
        )
        for row in connection.execute(statement)
    ]


def save_attendance(connection: Connection, days: Iterable[Day], *, before: date) -> None:
    """Write days over what was known of them, and remove those that are too old."""
    for day in days:
        key = {"unit": day.unit, "kind": day.kind, "day": day.day.isoformat()}
        values = {"hosts": day.hosts, "slots": json.dumps(day.slots, separators=(",", ":"))}
        where = [attendance.c[name] == value for name, value in key.items()]
        if connection.execute(update(attendance).where(*where).values(values)).rowcount == 0:
            connection.execute(insert(attendance).values(**key, **values))
    connection.execute(delete(attendance).where(attendance.c.day < before.isoformat()))
