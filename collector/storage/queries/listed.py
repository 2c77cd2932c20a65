"""What `/metrics` lists one by one: units, open incidents, their running terms, near sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from collector.metrics.listed import (
    MOST_INCIDENTS,
    MOST_POINTS,
    MOST_TERMS,
    MOST_UNITS,
    Listed,
    ListedIncident,
    ListedPoint,
    ListedSession,
    ListedTerm,
    ListedUnit,
)
from collector.storage.queries.deadlines import running
from collector.storage.queries.visibility import in_scope, visible_to
from collector.storage.schema import deadlines, incidents, units
from collector.storage.session_tables import conference_sessions, session_points
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer

SESSION_AHEAD = timedelta(days=1)
MOST_SESSIONS = 50
_OPEN = (Stage.PRE_CHECK.value, Stage.LIVE.value, Stage.ENDED.value)


def list_all(connection: Connection, viewer: Viewer, now: datetime) -> Listed:
    """Return what is listed; drills and what few may see are left out.

    Sessions are those that begin within a day, go on, or wait for their log to be closed.
    """
    sessions = _sessions(connection, viewer, now)
    return Listed(
        units=_units(connection, viewer),
        incidents=_incidents(connection, viewer),
        terms=_terms(connection, viewer),
        sessions=sessions,
        points=_points(connection, viewer, [one.session for one in sessions]),
    )


def _units(connection: Connection, viewer: Viewer) -> list[ListedUnit]:
    query = (
        select(units.c.code, units.c.name, units.c.region)
        .where(in_scope(viewer, units.c.code))
        .order_by(units.c.sort_key)
        .limit(MOST_UNITS)
    )
    return [ListedUnit(*row) for row in connection.execute(query)]


def _incidents(connection: Connection, viewer: Viewer) -> list[ListedIncident]:
    named = ("code", "severity", "stage", "unit", "class_code", "detected_at")
    query = (
        select(*(incidents.c[name] for name in named))
        .where(incidents.c.ended.is_(False), incidents.c.is_drill.is_(False), visible_to(viewer))
        .order_by(incidents.c.severity, incidents.c.detected_at)
        .limit(MOST_INCIDENTS)
    )
    return [ListedIncident(*row) for row in connection.execute(query)]


def _terms(connection: Connection, viewer: Viewer) -> list[ListedTerm]:
    query = (
        select(
            incidents.c.code, deadlines.c.code, incidents.c.severity, incidents.c.unit,
            deadlines.c.due_at,
        )
        .join_from(deadlines, incidents, incidents.c.id == deadlines.c.incident)
        .where(running(viewer), incidents.c.is_drill.is_(False))
        .order_by(deadlines.c.due_at)
        .limit(MOST_TERMS)
    )  # fmt: skip
    return [ListedTerm(*row) for row in connection.execute(query)]


def _sessions(connection: Connection, viewer: Viewer, now: datetime) -> list[ListedSession]:
    table = conference_sessions.c
    is_near = and_(table.stage == Stage.PLANNED.value, table.starts_at <= now + SESSION_AHEAD)
    query = (
        select(table.id, table.session_class, table.kind, table.stage,
               table.starts_at, table.ends_at)
        .where(or_(table.stage.in_(_OPEN), is_near))
        .order_by(table.starts_at)
        .limit(MOST_SESSIONS)
    )  # fmt: skip
    if viewer.units is not None:
        taking_part = select(session_points.c.session).where(
            in_scope(viewer, session_points.c.unit)
        )
        query = query.where(table.id.in_(taking_part))
    return [ListedSession(*row) for row in connection.execute(query)]


def _points(connection: Connection, viewer: Viewer, sessions: list[int]) -> list[ListedPoint]:
    named = ("session", "place", "name", "unit", "target", "path")
    query = (
        select(*(session_points.c[name] for name in named))
        .where(session_points.c.session.in_(sessions), in_scope(viewer, session_points.c.unit))
        .order_by(session_points.c.session, session_points.c.place)
        .limit(MOST_POINTS)
    )
    return [ListedPoint(*row) for row in connection.execute(query)]
