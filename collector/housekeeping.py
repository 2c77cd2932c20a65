"""What is done every few seconds beside the turns: room on the disk, new agents, counts, seals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import case, func, select

from collector.duties.due_list import overdue_counts
from collector.metrics.fleet import count_sessions
from collector.storage import outbox_store
from collector.storage.fleet import ENROLMENT, fact
from collector.storage.queries import directory
from collector.storage.queries.deadlines import running
from collector.storage.queries.listed import list_all
from collector.storage.queries.visibility import NOBODY, visible_to
from collector.storage.schema import agents, deadlines, incidents
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.duties.book import DutyBook
    from collector.fleet import AgentRow, Fleet, Host
    from collector.judge import Judge
    from collector.metrics.metrics import Counted

NIGHT_HOURS = range(1, 5)


class AgentsVersion(NamedTuple):
    """Changes whenever an agent was added, bound anew or revoked."""

    rows: int
    revoked: int
    enrolment: str | None


def agents_version(connection: Connection) -> AgentsVersion:
    """Return a cheap sign that the table of agents changed."""
    query = select(func.count(), func.count(agents.c.revoked_at))
    return AgentsVersion(*connection.execute(query).one(), fact(connection, ENROLMENT))


def refresh_agents(fleet: Fleet, judge: Judge, rows: Iterable[AgentRow], now: datetime) -> None:
    """Take over agents that were added, bound anew, approved or revoked, and what follows."""
    known = {host.agent: _bound_to(host) for host in fleet.hosts.values()}
    revoked = set(known)
    for row in rows:
        revoked.discard(row.id)
        before, host = known.get(row.id), fleet.add(row)
        if before is not None and before != _bound_to(host):
            judge.rebind(host, now)
        if before is not None and host.is_approved and not before.is_approved:
            judge.tell_again(host, now)
    for agent in revoked:
        gone = fleet.remove(agent)
        if gone is not None:
            judge.forget(gone, now)
    judge.inventory_changed(now)


class _Binding(NamedTuple):
    unit: str
    host: str
    kind: str
    is_approved: bool


def _bound_to(host: Host) -> _Binding:
    return _Binding(host.unit, host.host, host.kind, host.is_approved)


def next_turn_at(connection: Connection) -> datetime | None:
    """Return when the desk must look at an incident next: an ended one may still owe a report."""
    query = (
        select(incidents.c.next_turn_at)
        .where(incidents.c.next_turn_at.is_not(None))
        .order_by(incidents.c.next_turn_at)
        .limit(1)
    )
    return connection.scalar(query)


def count(connection: Connection, counted: Counted, book: DutyBook, now: datetime) -> None:
    """Count what the metrics show of the database."""
    counted.oldest_due_at = outbox_store.oldest_due_at(connection, now)
    counted.messages = outbox_store.counts(connection)
    counted.repeated = outbox_store.repeated(connection)
    counted.keys = directory.counts(connection, NOBODY)
    counted.overdue = overdue_counts(connection, book, NOBODY, now)
    query = (
        select(incidents.c.severity, incidents.c.stage, func.count())
        .where(incidents.c.ended.is_(False))
        .where(visible_to(NOBODY), incidents.c.is_drill.is_(False))
        .group_by(incidents.c.severity, incidents.c.stage)
    )
    counted.incidents = {(sev, stage): n for sev, stage, n in connection.execute(query)}
    counted.deadlines = _deadlines(connection, now)
    counted.listed = list_all(connection, NOBODY, now)
    counted.sessions = count_sessions(connection, now)


def _deadlines(connection: Connection, now: datetime) -> dict[tuple[str, str], int]:
    """Count the deadlines that run by code and state; drills and what few may see are left out."""
    state = case(
        (deadlines.c.due_at <= now, "overdue"), (deadlines.c.soon_at <= now, "due_soon"),
        else_="running",
    )  # fmt: skip
    query = (
        select(deadlines.c.code, state, func.count())
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(running(NOBODY), incidents.c.is_drill.is_(False))
        .group_by(deadlines.c.code, state)
    )
    return {(code, where): n for code, where, n in connection.execute(query)}


def free_ratio(directory: Path) -> float:
    """Return the free share of the disk that holds `directory`, as its user may use it."""
    disk = os.statvfs(directory)
    return disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0


def is_night(now: datetime) -> bool:
    """Say whether rows are pruned now: between one and five in the morning where we are."""
    return now.astimezone(ZONE).hour in NIGHT_HOURS
