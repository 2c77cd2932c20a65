"""Rows of conference sessions, written; what reads for a person is in `queries.sessions`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from collector.storage.desk_tables import incidents
from collector.storage.session_tables import (
    conference_sessions,
    session_feeds,
    session_incidents,
    session_log,
    session_points,
)
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Point, Session, Stage
from incidents.vietnamese import marks_key, search_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

OPEN = (Stage.PLANNED, Stage.PRE_CHECK, Stage.LIVE)
_ORDER = (conference_sessions.c.starts_at, conference_sessions.c.id)


def add_session(
    connection: Connection,
    new: Session,
    actor: str,
    now: datetime,
    *,
    source: str = "",
    digest: str = "",
) -> int:
    """Keep a session and its points; return its number.

    Args:
        source: The calendar or schedule that brought it; `digest`: of what it said.
    """
    row = {
        **_row(new), "source": source, "source_digest": digest, "made_by": actor, "made_at": now,
    }  # fmt: skip
    done = connection.execute(insert(conference_sessions).values(row))
    (number,) = done.inserted_primary_key or (0,)
    set_points(connection, int(number), new.points)
    return int(number)


def store_session(connection: Connection, session: Session) -> None:
    """Write what a session is now, without its points."""
    change = update(conference_sessions).where(conference_sessions.c.id == session.id)
    connection.execute(change.values(_row(session)))


def note_source(connection: Connection, number: int, digest: str) -> None:
    """Keep what a calendar said last of a session."""
    change = update(conference_sessions).where(conference_sessions.c.id == number)
    connection.execute(change.values(source_digest=digest))


def set_points(connection: Connection, number: int, points: Sequence[Point]) -> None:
    """Put these points in the place of those that a session has."""
    connection.execute(delete(session_points).where(session_points.c.session == number))
    rows = [_point_row(number, point) for point in points]
    if rows:
        connection.execute(insert(session_points), rows)


def find(connection: Connection, number: int, *, lock: bool = False) -> Session | None:
    """Return a session with its points; `lock` holds off others who would change it."""
    query = select(conference_sessions).where(conference_sessions.c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else with_points(connection, [session_of(row)])[0]


def find_occurrence(connection: Connection, occurrence: str) -> tuple[Session, str] | None:
    """Return the session that a calendar or schedule knows by this, and the digest kept of it."""
    query = select(conference_sessions).where(conference_sessions.c.occurrence == occurrence)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        return None
    return with_points(connection, [session_of(row)])[0], row.source_digest


def open_sessions(connection: Connection) -> list[Session]:
    """Return what is not over by its beginning, without the points: there may be many."""
    wanted = conference_sessions.c.stage.in_([stage.value for stage in OPEN])
    rows = connection.execute(select(conference_sessions).where(wanted).order_by(*_ORDER))
    return [session_of(row) for row in rows]


def followed_from(
    connection: Connection, source: str, since: datetime, until: datetime
) -> list[Session]:
    """Return what a calendar or schedule brought and has not begun, in a span of time."""
    wanted = conference_sessions.c.source == source
    wanted &= conference_sessions.c.starts_at < until
    wanted &= conference_sessions.c.starts_at >= since
    wanted &= conference_sessions.c.stage.in_([Stage.PLANNED.value, Stage.PRE_CHECK.value])
    return _ordered(connection, wanted)


def _ordered(connection: Connection, wanted: ColumnElement[bool]) -> list[Session]:
    query = select(conference_sessions).where(wanted).order_by(*_ORDER)
    return with_points(connection, [session_of(row) for row in connection.execute(query)])


def note_incident(connection: Connection, session: int, incident: int) -> None:
    """Note that an incident began in the path of a session."""
    connection.execute(insert(session_incidents).values(session=session, incident=incident))


def incidents_of(connection: Connection, session: int) -> list[int]:
    """Return the open incidents that began in the path of a session."""
    query = (
        select(session_incidents.c.incident)
        .join(incidents, incidents.c.id == session_incidents.c.incident)
        .where(session_incidents.c.session == session, incidents.c.ended.is_(False))
        .order_by(session_incidents.c.incident)
    )
    return list(connection.scalars(query))


def in_the_way(connection: Connection) -> list[Session]:
    """Return the sessions that go on, or whose pre-check does."""
    stages = [Stage.PRE_CHECK.value, Stage.LIVE.value]
    return _ordered(connection, conference_sessions.c.stage.in_(stages))


def with_points(connection: Connection, sessions: Sequence[Session]) -> list[Session]:
    """Return sessions with their points, read in one query."""
    numbers = [session.id for session in sessions]
    query = (
        select(session_points)
        .where(session_points.c.session.in_(numbers))
        .order_by(session_points.c.session, session_points.c.place)
    )
    found: dict[int, list[Point]] = {}
    for row in connection.execute(query) if numbers else ():
        found.setdefault(row.session, []).append(point_of(row))
    return [replace(session, points=tuple(found.get(session.id, ()))) for session in sessions]


def log(
    connection: Connection, number: int, entries: Iterable[LogEntry], now: datetime
) -> list[int]:
    """Append entries and return their numbers; one whose key is known already has that one's.

    The session's row is locked by the caller, or the key is new: two who send one key at once
    wait for each other at the unique index.
    """
    return [_append(connection, number, entry, now) for entry in entries]


def _append(connection: Connection, number: int, entry: LogEntry, now: datetime) -> int:
    if entry.key:
        query = select(session_log.c.id).where(
            session_log.c.session == number, session_log.c.key == entry.key
        )
        known = connection.scalar(query)
        if known is not None:
            return int(known)
    row = {
        "session": number, "at": entry.at, "noted_at": now, "actor": entry.actor,
        "kind": str(entry.kind), "point": entry.point, "code": entry.code,
        "incident": entry.incident, "text": entry.text,
        "data": json.dumps(dict(entry.data), ensure_ascii=False, sort_keys=True),
        "key": entry.key or None,
    }  # fmt: skip
    done = connection.execute(insert(session_log).values(row))
    (made,) = done.inserted_primary_key or (0,)
    return int(made)


def known_keys(connection: Connection, number: int, keys: Iterable[str]) -> set[str]:
    """Return which of these keys entries of a session have."""
    wanted = [key for key in keys if key]
    query = select(session_log.c.key).where(
        session_log.c.session == number, session_log.c.key.in_(wanted)
    )
    return set(connection.scalars(query)) if wanted else set()


def whole_log(connection: Connection, number: int) -> list[LogEntry]:
    """Return the log of a session in the order of what happened."""
    query = (
        select(session_log)
        .where(session_log.c.session == number)
        .order_by(session_log.c.at, session_log.c.id)
    )
    return [entry_of(row) for row in connection.execute(query)]


def entry_of(row: Any) -> LogEntry:
    """Return a row of the log."""
    return LogEntry(
        at=row.at, actor=row.actor, kind=LogKind(row.kind), point=row.point, code=row.code,
        text=row.text, incident=row.incident, data=json.loads(row.data), key=row.key or "",
        id=row.id, noted_at=row.noted_at,
    )  # fmt: skip


def session_of(row: Row[Any]) -> Session:
    """Return a row as a session without its points."""
    return Session(
        id=row.id, name=row.name, session_class=row.session_class, starts_at=row.starts_at,
        ends_at=row.ends_at, kind=row.kind, chair=row.chair, bridge=row.bridge,
        conference=row.conference, began_at=row.began_at, over_at=row.over_at,
        stage=Stage(row.stage), series=row.series, occurrence=row.occurrence or "",
        closed_at=row.closed_at,
    )  # fmt: skip


def point_of(row: Row[Any]) -> Point:
    """Return a row as a point."""
    return Point(
        order=row.place, unit=row.unit, name=row.name, target=row.target, path=row.path,
        way=row.way, is_main=row.is_main, technician=row.technician, phone=row.phone,
        second=row.second, second_phone=row.second_phone, is_confirmed=row.is_confirmed,
    )  # fmt: skip


def _row(session: Session) -> dict[str, Any]:
    return {
        "name": session.name, "search_key": search_key(session.name),
        "marks_key": marks_key(session.name),
        "session_class": session.session_class, "kind": session.kind, "chair": session.chair,
        "bridge": session.bridge, "conference": session.conference,
        "starts_at": session.starts_at, "ends_at": session.ends_at,
        "began_at": session.began_at, "over_at": session.over_at,
        "closed_at": session.closed_at, "stage": session.stage.value,
        "series": session.series, "occurrence": session.occurrence or None,
    }  # fmt: skip


def _point_row(number: int, point: Point) -> dict[str, Any]:
    return {
        "session": number, "place": point.order, "unit": point.unit, "name": point.name,
        "search_key": search_key(point.name), "marks_key": marks_key(point.name),
        "target": point.target, "path": point.path,
        "way": point.way, "is_main": point.is_main, "technician": point.technician,
        "phone": point.phone, "second": point.second, "second_phone": point.second_phone,
        "is_confirmed": point.is_confirmed,
    }  # fmt: skip


def note_feed(
    connection: Connection,
    name: str,
    now: datetime,
    *,
    events: int = 0,
    error: str = "",
    is_good: bool = False,
) -> None:
    """Keep how a calendar that is followed was found: good, also with events that are none."""
    known = select(session_feeds.c.name).where(session_feeds.c.name == name)
    values: dict[str, Any] = {"read_at": now, "error": error}
    if is_good:
        values |= {"good_at": now, "events": events}
    if connection.scalar(known) is None:
        row = {"name": name, "events": events, "good_at": None, **values}
        connection.execute(insert(session_feeds).values(row))
        return
    connection.execute(update(session_feeds).where(session_feeds.c.name == name).values(values))


def load_feeds(connection: Connection) -> list[dict[str, Any]]:
    """Return the calendars that are followed, by name."""
    query = select(session_feeds).order_by(session_feeds.c.name)
    return [dict(row) for row in connection.execute(query).mappings()]
