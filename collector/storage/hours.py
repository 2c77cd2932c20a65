"""Rows of approved hours and of the lists of who was missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from collector.hours.hours_file import hours_of
from collector.storage import record
from collector.storage.fleet import set_fact
from collector.storage.schema import expected_hours, missing_lists
from incidents.config_record import RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection

    from collector.hours.expectations import Whom
    from collector.hours.hours import Hours
    from collector.missing import MissingList

# Another value means that the approved hours must be read again.
HOURS = "hours"


def decide(
    connection: Connection, whom: Whom, hours: str, actor: str, now: datetime, *, approved: bool
) -> None:
    """Store what a person decided about the hours of a unit or a kind of host in it."""
    unit, kind = whom
    values = {"hours": hours, "approved": approved, "decided_by": actor, "decided_at": now}
    where = (expected_hours.c.unit == unit, expected_hours.c.kind == kind)
    after = {"hours": hours, "approved": approved}
    _note(connection, whom, actor, now, before=_standing(connection, whom), after=after)
    if connection.execute(update(expected_hours).where(*where).values(values)).rowcount == 0:
        connection.execute(insert(expected_hours).values(unit=unit, kind=kind, **values))
    set_fact(connection, HOURS, f"{now} {unit} {kind} {hours} {approved}")


def forget(connection: Connection, whom: Whom, actor: str, now: datetime) -> bool:
    """Take a decision back; return whether there was one."""
    unit, kind = whom
    where = (expected_hours.c.unit == unit, expected_hours.c.kind == kind)
    before = _standing(connection, whom)
    is_gone = connection.execute(delete(expected_hours).where(*where)).rowcount == 1
    if is_gone:
        _note(connection, whom, actor, now, before=before, after=None)
        set_fact(connection, HOURS, f"{now} {unit} {kind} gone")
    return is_gone


def _standing(connection: Connection, whom: Whom) -> dict[str, Any] | None:
    query = select(expected_hours.c.hours, expected_hours.c.approved).where(
        expected_hours.c.unit == whom[0], expected_hours.c.kind == whom[1]
    )
    row = connection.execute(query).first()
    return None if row is None else {"hours": row.hours, "approved": row.approved}


def _note(
    connection: Connection,
    whom: Whom,
    actor: str,
    now: datetime,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    data = {"unit": whom[0], "kind": whom[1], "before": before, "after": after}
    record.append(connection, now, RecordKind.HOURS, actor, data=data)


def load_approved(connection: Connection) -> dict[Whom, Hours]:
    """Return the hours that were approved, by unit and kind."""
    statement = select(expected_hours).where(expected_hours.c.approved)
    return {(row.unit, row.kind): hours_of(row.hours) for row in connection.execute(statement)}


def save_missing(connection: Connection, lists: Iterable[MissingList]) -> None:
    """Store lists; one that is there already stays as it is."""
    for one in lists:
        key = {"day": one.day.isoformat(), "unit": one.unit}
        where = [missing_lists.c[name] == value for name, value in key.items()]
        if connection.execute(select(missing_lists.c.unit).where(*where)).first() is None:
            items = json.dumps([item._asdict() for item in one.items], ensure_ascii=False)
            values = {"at": one.at, "expected": one.expected, "items": items}
            connection.execute(insert(missing_lists).values(**key, **values))


def listed_on(connection: Connection, day: date) -> set[tuple[date, str]]:
    """Return the units whose list of a day is there."""
    statement = select(missing_lists.c.unit).where(missing_lists.c.day == day.isoformat())
    return {(day, unit) for unit in connection.scalars(statement)}


def prune_missing(connection: Connection, before: date) -> int:
    """Remove the lists of days before a day; return how many."""
    statement = delete(missing_lists).where(missing_lists.c.day < before.isoformat())
    return connection.execute(statement).rowcount
