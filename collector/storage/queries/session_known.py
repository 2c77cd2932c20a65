"""What the tables know of a session's points: what people said, what is broken, what is planned."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from collector.mutes.mutes import is_active
from collector.sessions.facts import Known
from collector.storage.mutes import load_mutes
from collector.storage.queries.sessions import concerns, log_of
from collector.storage.queries.visibility import visible_to
from collector.storage.schema import alerts, incidents
from collector.storage.session_tables import (
    conference_sessions,
    session_incidents,
    session_points,
)
from collector.storage.sessions import session_of, with_points
from collector.targets.targets import unit_node
from incidents.sessions.facts import Said, Trouble, Work
from incidents.sessions.live import Alarm
from incidents.sessions.log import LogKind
from incidents.sessions.model import Stage
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from collector.mutes.mutes import Mute
    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Session

# What people report of a conference themselves has no alert: it is known by its class.
CONFERENCE_CLASSES = "hn_%"
_STEP = timedelta(minutes=15)
# A rehearsal is of the day before at the earliest.
REHEARSED_WITHIN = timedelta(hours=36)
_AT_ONCE = 500
MOST_ALARMS = 20


def known_of(
    connection: Connection, session: Session, nodes: Collection[str], viewer: Viewer
) -> Known:
    """Return what is known of a session, as far as somebody may see it.

    Args:
        nodes: What an incident or planned work may be about to be in its way.
    """
    return Known(
        said=said_of(log_of(connection, session.id, viewer)),
        troubles=_troubles(connection, session, nodes, viewer),
        works=_works(connection, session, nodes, viewer),
        rehearsals=tuple(_rehearsals(connection, session, viewer)),
    )


def alarms_of(connection: Connection, number: int, viewer: Viewer) -> tuple[Alarm, ...]:
    """Return the open incidents that began in the path of a session, the newest first."""
    query = (
        select(
            incidents.c.code, incidents.c.severity, incidents.c.title, incidents.c.title_en,
            incidents.c.detected_at, incidents.c.acknowledged_at,
        )
        .join(session_incidents, session_incidents.c.incident == incidents.c.id)
        .where(session_incidents.c.session == number, incidents.c.ended.is_(False))
        .where(visible_to(viewer))
        .order_by(incidents.c.detected_at.desc(), incidents.c.id.desc())
        .limit(MOST_ALARMS)
    )  # fmt: skip
    return tuple(Alarm(*row) for row in connection.execute(query))


def said_of(entries: Iterable[LogEntry]) -> dict[int, tuple[Said, ...]]:
    """Return what people answered in the roll call, by place, the oldest first."""
    found: dict[int, list[Said]] = defaultdict(list)
    for entry in entries:
        if entry.kind is LogKind.ROLL_CALL:
            found[entry.point].append(Said(entry.code, entry.actor, entry.at, entry.text))
    return {place: tuple(said) for place, said in found.items()}


def _troubles(
    connection: Connection, session: Session, nodes: Collection[str], viewer: Viewer
) -> dict[str, tuple[Trouble, ...]]:
    found: dict[str, list[Trouble]] = defaultdict(list)
    wanted = sorted(nodes)
    columns = (
        incidents.c.code, incidents.c.severity, incidents.c.title, incidents.c.title_en,
        incidents.c.detected_at,
    )  # fmt: skip
    is_open = incidents.c.ended.is_(False) & incidents.c.is_drill.is_(False)
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(alerts.c.agent, *columns)
            .join_from(alerts, incidents, incidents.c.id == alerts.c.incident)
            .where(alerts.c.agent.in_(wanted[start : start + _AT_ONCE]))
            .where(is_open, visible_to(viewer))
            .distinct()
        )
        for agent, *row in connection.execute(query):
            found[agent].append(Trouble(*row))
    by_hand = (
        select(incidents.c.unit, *columns)
        .where(incidents.c.unit.in_(session.units), is_open, visible_to(viewer))
        .where(incidents.c.class_code.like(CONFERENCE_CLASSES))
    )
    for unit, *row in connection.execute(by_hand):
        found[unit_node(unit)].append(Trouble(*row))
    return {node: tuple(troubles) for node, troubles in found.items()}


def _works(
    connection: Connection, session: Session, nodes: Collection[str], viewer: Viewer
) -> dict[str, tuple[Work, ...]]:
    found: dict[str, list[Work]] = defaultdict(list)
    for mute in load_mutes(connection, session.starts_at):
        node = mute.agent or (unit_node(mute.unit) if mute.unit else "")
        # Whoever does not see the unit does not learn what is done there, but that it is.
        is_seen = viewer.units is None or not mute.unit or mute.unit in viewer.units
        if mute.kind == "maintenance" and node in nodes and _meets(mute, session):
            what = f"{mute.unit or mute.agent}: {mute.reason}" if is_seen else node
            owner = mute.owner if is_seen else ""
            found[node].append(Work(what, owner, mute.starts_at, mute.last_instant))
    return {node: tuple(works) for node, works in found.items()}


def _meets(mute: Mute, session: Session) -> bool:
    """Say whether a window holds at any time of a session, to a quarter of an hour."""
    if not mute.weekly.ranges:
        return mute.starts_at < session.ends_at and mute.last_instant > session.starts_at
    return any(is_active(mute, at, ZONE) for at in _steps(session))


def _steps(session: Session) -> Iterator[datetime]:
    at = session.starts_at
    while at < session.ends_at:
        yield at
        at += _STEP


def _rehearsals(connection: Connection, session: Session, viewer: Viewer) -> list[Session]:
    """Return rehearsals of the day that some of the same endpoints take part in."""
    table = conference_sessions.c
    endpoints = [point.target for point in session.points if point.target]
    shared = select(session_points.c.session).where(session_points.c.target.in_(endpoints))
    query = (
        select(conference_sessions)
        .where(concerns(viewer), table.kind == "rehearsal", table.id != session.id)
        .where(table.stage != Stage.CANCELLED.value, table.id.in_(shared))
        .where(or_(table.starts_at <= session.ends_at, table.began_at.is_not(None)))
        .where(table.starts_at >= session.starts_at - REHEARSED_WITHIN)
    )
    return with_points(connection, [session_of(row) for row in connection.execute(query)])
