"""The hosts of hosts.csv in the tables, and what they say of keys that are enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from collector.identity.enrolment import Listed
from collector.storage.fleet import replace_units, touch_enrolment
from collector.storage.identity_log import note
from collector.storage.schema import agents, expected_hosts
from incidents.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.directory import ExpectedHost
    from collector.policy.policy import Policy


def store_inventory(connection: Connection, policy: Policy, now: datetime) -> None:
    """Make units and expected hosts of the tables those of the policy.

    Raises:
        UnitsInUse: A unit that has agents is gone from it.
    """
    replace_units(connection, policy.units)
    replace_hosts(connection, policy.hosts, now)


def replace_hosts(connection: Connection, hosts: Sequence[ExpectedHost], now: datetime) -> None:
    """Make the expected hosts those of the file, and let the file's word on enrolled keys count.

    A key that waits and is listed with its kind is approved; presence and interval of listed
    hosts are the file's.
    """
    connection.execute(delete(expected_hosts))
    if hosts:
        rows = [{**host._asdict(), "sort_key": sort_key(host.host)} for host in hosts]
        connection.execute(insert(expected_hosts), rows)
    by_place = {(host.unit, host.host): host for host in hosts}
    enrolled = list(connection.execute(select(agents).where(agents.c.revoked_at.is_(None))))
    holders = {(row.unit, row.host) for row in enrolled if row.approved_at is not None}
    for row in enrolled:
        listed = by_place.get((row.unit, row.host))
        if listed is None:
            continue
        presence = listed.presence or row.presence
        wanted = (presence, listed.interval_seconds or row.interval_seconds)
        if (row.presence, row.interval_seconds) != wanted:
            _bind(connection, row.id, presence=wanted[0], interval_seconds=wanted[1])
            touch_enrolment(connection, f"{now} {row.id} {wanted}")
        is_free = (row.unit, row.host) not in holders
        if row.approved_at is None and is_free and row.kind == listed.kind:
            holders.add((row.unit, row.host))
            _bind(connection, row.id, approved_at=now, approved_by="hosts.csv", doubt="")
            place = {"agent": row.id, "unit": row.unit, "host": row.host}
            note(connection, now, "approved", detail="hosts.csv", **place)
            touch_enrolment(connection, f"{now} {row.id} approved")


def listed_host(connection: Connection, unit: str, host: str) -> Listed | None:
    """Return how the inventory lists a host."""
    table = expected_hosts.c
    columns = select(table.kind, table.presence, table.interval_seconds)
    row = connection.execute(columns.where(table.unit == unit, table.host == host)).first()
    return None if row is None else Listed(*row)


def names_in(connection: Connection, unit: str) -> Iterable[str]:
    """Return the hosts of a unit that have an approved key."""
    statement = select(agents.c.host).where(
        agents.c.unit == unit, agents.c.revoked_at.is_(None), agents.c.approved_at.is_not(None)
    )
    return connection.scalars(statement)


def listed_names(connection: Connection, unit: str) -> Iterable[str]:
    """Return the hosts of a unit that hosts.csv lists."""
    return connection.scalars(select(expected_hosts.c.host).where(expected_hosts.c.unit == unit))


def _bind(connection: Connection, agent: str, **values: object) -> None:
    connection.execute(update(agents).where(agents.c.id == agent).values(values))
