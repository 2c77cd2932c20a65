"""Units and agents in the database: importing, adding, listing, saving what reports changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from collector.storage.schema import agents, alerts, incidents, units
from incidents.vietnamese import search_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from collector.inventory import Unit


class UnknownUnitError(Exception):
    """An agent is to belong to a unit that the inventory does not have."""


def import_units(connection: Connection, listed: Sequence[Unit]) -> int:
    """Make the table say what units.csv says; a unit that is in use is kept when it is gone there.

    Returns:
        How many units are no longer listed and were kept because agents, alerts or incidents
        still name them.
    """
    present = set(connection.scalars(select(units.c.code)))
    rows = [_unit_row(unit) for unit in listed]
    new = [row for row in rows if row["code"] not in present]
    known = [{**row, "code_": row["code"]} for row in rows if row["code"] in present]
    if new:
        connection.execute(units.insert(), new)
    if known:
        statement = update(units).where(units.c.code == bindparam("code_"))
        connection.execute(
            statement.values({name: bindparam(name) for name in rows[0] if name != "code"}), known
        )
    gone = present - {unit.code for unit in listed}
    used = _used(connection) & gone
    if gone - used:
        connection.execute(delete(units).where(units.c.code.in_(gone - used)))
    return len(used)


def _unit_row(unit: Unit) -> dict[str, Any]:
    names = " ".join((unit.name, *unit.old_names.split("|"), unit.code))
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent or None,
        "region": unit.region,
        "contact": unit.contact,
        "hours": unit.hours,
        "valid_from": unit.valid_from or None,
        "valid_to": unit.valid_to or None,
        "predecessor": unit.predecessor or None,
        "old_names": unit.old_names,
        "sort_key": sort_key(unit.name),
        "search_key": search_key(names),
    }


def _used(connection: Connection) -> set[str]:
    columns = (agents.c.unit, alerts.c.unit, incidents.c.unit)
    return {code for column in columns for code in connection.scalars(select(column).distinct())}


def add_agent(
    connection: Connection,
    *,
    agent: str,
    unit: str,
    host: str,
    kind: str,
    public_key: bytes,
    now: datetime,
) -> bool:
    """Let a key report for a unit; a key that is there already stays as it is.

    Returns:
        Whether the agent is new.

    Raises:
        UnknownUnitError: The inventory has no such unit.
    """
    if connection.scalar(select(agents.c.id).where(agents.c.id == agent)):
        return False
    if not connection.scalar(select(units.c.code).where(units.c.code == unit)):
        raise UnknownUnitError(f"no unit has the code {unit!r}; add it to units.csv first")
    connection.execute(
        agents.insert().values(
            id=agent,
            unit=unit,
            host=host,
            kind=kind,
            public_key=public_key,
            enrolled_at=now,
            sort_key=sort_key(host),
            search_key=search_key(f"{host} {agent}"),
        )
    )
    return True


def load_agents(connection: Connection) -> Sequence[Row[Any]]:
    """Return every agent that may report, with its saved door state and its unit's name."""
    statement = (
        select(agents, units.c.name.label("unit_name"))
        .join(units, units.c.code == agents.c.unit)
        .where(agents.c.revoked_at.is_(None))
    )
    return connection.execute(statement.order_by(agents.c.id)).all()


def count_agents(connection: Connection) -> int:
    """Return how many agents may report: a cheap way to see that one was added or revoked."""
    statement = select(func.count()).select_from(agents).where(agents.c.revoked_at.is_(None))
    return connection.scalar(statement) or 0


def save_agents(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Save what reports changed; each row has `id` and some of the agents table's columns."""
    chosen = [{"id_": row["id"], **row} for row in rows]
    if chosen:
        names = [name for name in chosen[0] if name not in ("id", "id_")]
        statement = update(agents).where(agents.c.id == bindparam("id_"))
        connection.execute(
            statement.values({name: bindparam(name) for name in names}),
            [{name: row[name] for name in ("id_", *names)} for row in chosen],
        )
