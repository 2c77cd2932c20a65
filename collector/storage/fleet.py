"""Units, enrolled keys and single facts: plain functions of a connection."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from collector.fleet import AgentRow
from collector.ranges import Received
from collector.states import Handed
from collector.storage.schema import agents, facts, units
from incidents.vietnamese import marks_key, search_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.inventory import UnitRow

JUDGED = "judged"
# Says which enrolment changed last: another value means that the table must be read again.
ENROLMENT = "enrolment"
# How long the key before a rotation is still good: a request may be under way, an answer lost.
KEY_OVERLAP = timedelta(days=1)


class UnknownUnit(ValueError):
    """An agent names a unit that is not in units.csv."""


class UnitsInUse(ValueError):
    """Units are gone from units.csv although agents still belong to them."""


class StoredUnit(NamedTuple):
    """What judging needs of a unit; `hours` as written in units.csv."""

    code: str
    name: str
    hours: str


def load_units(connection: Connection) -> list[StoredUnit]:
    """Return the units in Vietnamese order."""
    columns = select(units.c.code, units.c.name, units.c.hours)
    rows = connection.execute(columns.order_by(units.c.sort_key, units.c.code))
    return [StoredUnit(*row) for row in rows]


def replace_units(connection: Connection, rows: Sequence[UnitRow]) -> None:
    """Make the units of the tables those of the file; units with agents cannot go.

    Raises:
        UnitsInUse: A unit that has agents is not in `rows`.
    """
    used = set(connection.scalars(select(agents.c.unit).distinct()))
    missing = sorted(used - {row.code for row in rows})
    if missing:
        raise UnitsInUse(
            f"units.csv no longer has {', '.join(missing)}, but agents belong there; "
            "keep the line with valid_to set, or move the agents first"
        )
    known = set(connection.scalars(select(units.c.code)))
    gone = known - {row.code for row in rows}
    if gone:
        connection.execute(delete(units).where(units.c.code.in_(gone)))
    for row in rows:
        named = " ".join((row.name, row.code, *row.old_names))
        values = {
            **row._asdict(),
            "old_names": json.dumps(row.old_names, ensure_ascii=False),
            "sort_key": sort_key(row.name),
            "search_key": search_key(named),
            "marks_key": marks_key(named),
        }
        if row.code in known:
            connection.execute(update(units).where(units.c.code == row.code).values(values))
        else:
            connection.execute(insert(units).values(values))


def add_agent(
    connection: Connection, row: AgentRow, *, enrolled_at: datetime, by: str = "command line"
) -> None:
    """Enrol a key by hand, or bind a known one to another unit, host, kind or interval.

    Raises:
        UnknownUnit: The unit is not in the tables.
    """
    if connection.scalar(select(units.c.code).where(units.c.code == row.unit)) is None:
        raise UnknownUnit(f"there is no unit {row.unit!r}; add it to units.csv first")
    values = {
        "unit": row.unit,
        "host": row.host,
        "kind": row.kind,
        "presence": row.presence,
        "public_key": row.public_key,
        "interval_seconds": row.interval_seconds,
        "revoked_at": None,
        "approved_at": enrolled_at,
        "approved_by": by,
        "doubt": "",
        "sort_key": sort_key(row.host),
        "search_key": search_key(row.host),
    }
    changed = connection.execute(update(agents).where(agents.c.id == row.id).values(values))
    if changed.rowcount == 0:
        dates = {"enrolled_at": enrolled_at, "key_changed_at": enrolled_at}
        connection.execute(insert(agents).values(id=row.id, **dates, **values))
    bound_to = (row.unit, row.host, row.kind, row.presence, row.interval_seconds)
    touch_enrolment(connection, f"{enrolled_at} {row.id} {bound_to}")


def touch_enrolment(connection: Connection, what: str) -> None:
    """Say that the table of keys changed, so that whoever holds them in memory reads it again."""
    set_fact(connection, ENROLMENT, what)


def agent_of_key(connection: Connection, public_key: bytes) -> str | None:
    """Return whose key this is or was, revoked or not: an id outlives the key that gave it."""
    is_its = (agents.c.public_key == public_key) | (agents.c.previous_key == public_key)
    return connection.scalar(
        select(agents.c.id).where(is_its).order_by(agents.c.revoked_at.is_not(None)).limit(1)
    )


def load_agents(connection: Connection) -> list[AgentRow]:
    """Return the keys that are not revoked, by host name."""
    statement = (
        select(agents).where(agents.c.revoked_at.is_(None)).order_by(agents.c.sort_key, agents.c.id)
    )
    return [_agent(row) for row in connection.execute(statement)]


def save_agents(connection: Connection, rows: Iterable[AgentRow]) -> None:
    """Store what reports changed of keys."""
    values = [
        {
            "key": row.id,
            "last_report_at": row.last_report_at,
            "boot": row.boot,
            "ranges": json.dumps(row.received.ranges, separators=(",", ":")),
            "oldest": row.received.oldest,
            "lost_reports": row.received.lost,
            "state": " ".join(row.handed.current),
            "previous_state": row.handed.previous,
            "quarantined_at": row.quarantined_at,
            "farewell": row.farewell,
        }
        for row in rows
    ]
    if values:
        columns = [name for name in values[0] if name != "key"]
        statement = (
            update(agents)
            .where(agents.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in columns})
        )
        connection.execute(statement, values)


def fact(connection: Connection, name: str) -> str | None:
    """Return a stored fact."""
    return connection.scalar(select(facts.c.value).where(facts.c.name == name))


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Store a fact over what it was."""
    changed = connection.execute(update(facts).where(facts.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(facts).values(name=name, value=value))


def _agent(row: Row[tuple[object, ...]]) -> AgentRow:
    return AgentRow(
        id=row.id,
        unit=row.unit,
        host=row.host,
        kind=row.kind,
        presence=row.presence,
        public_key=row.public_key,
        interval_seconds=row.interval_seconds,
        last_report_at=row.last_report_at,
        boot=row.boot,
        received=Received(
            tuple((low, high) for low, high in json.loads(row.ranges)),
            row.oldest,
            row.lost_reports,
        ),
        handed=Handed(row.previous_state, tuple(row.state.split())),
        is_approved=row.approved_at is not None,
        quarantined_at=row.quarantined_at,
        previous_key=row.previous_key or b"",
        previous_key_until=row.key_changed_at + KEY_OVERLAP if row.previous_key else None,
        farewell=row.farewell,
    )
