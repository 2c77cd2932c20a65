"""Conference sessions as pages and API show them: to whoever sees one of their units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime  # noqa: TC003 - the API reads the types when it starts
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Connection, case, func, select, true

from collector.storage.queries.finding import exact_first, marks, matching
from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.session_check_tables import session_check_signatures, session_checks
from collector.storage.session_tables import conference_sessions, session_log, session_points
from collector.storage.sessions import entry_of, session_of, with_points
from incidents.sessions.model import Session, Stage
from incidents.sessions.moments import Moment
from incidents.vietnamese import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row, Select

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.log import LogEntry
    from incidents.vietnamese import Search

When = Literal["coming", "past", "all"]
# Whose records are of the day itself.
OF_PRE_CHECK = (Moment.T60M.value, Moment.T15M.value)
_OVER = (Stage.ENDED, Stage.REPORTED, Stage.CANCELLED)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the listing; the field names are the API's."""

    id: int
    name: str
    session_class: str
    kind: str
    chair: str
    bridge: str
    conference: str
    starts_at: datetime
    ends_at: datetime
    began_at: datetime | None
    over_at: datetime | None
    closed_at: datetime | None
    stage: str
    series: str
    points: int
    confirmed: int


_COLUMNS = tuple(conference_sessions.c[name] for name in SessionRow.__slots__[:14])
_COUNTED = (
    select(
        session_points.c.session,
        func.count().label("points"),
        func.sum(case((session_points.c.is_confirmed, 1), else_=0)).label("confirmed"),
    )
    .group_by(session_points.c.session)
    .subquery()
)
_ROWS: Select[Any] = select(
    *_COLUMNS, func.coalesce(_COUNTED.c.points, 0), func.coalesce(_COUNTED.c.confirmed, 0)
).outerjoin_from(conference_sessions, _COUNTED, _COUNTED.c.session == conference_sessions.c.id)
_COMING = Order(
    (conference_sessions.c.starts_at, conference_sessions.c.id), conference_sessions.c.id
)
_PAST = Order(
    (-conference_sessions.c.starts_at, -conference_sessions.c.id), conference_sessions.c.id
)


def concerns(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that somebody sees one of the units of a session."""
    if viewer.units is None:
        return true()
    seen = select(session_points.c.session).where(session_points.c.unit.in_(viewer.units))
    return conference_sessions.c.id.in_(seen)


def list_sessions(
    connection: Connection,
    viewer: Viewer,
    *,
    when: When = "coming",
    search: Search = NOTHING,
    start: datetime | None = None,
    until: datetime | None = None,
    limit: int,
    after: int | None = None,
) -> Page[SessionRow]:
    """Return sessions: those that are not over by their beginning, those of the past backwards.

    Args:
        search: All in the name, or all in the name of one point; exact marks come first.
        start, until: Only what begins from the one to before the other.
    """
    visible = concerns(viewer)
    wanted: list[ColumnElement[bool]] = []
    is_over = conference_sessions.c.stage.in_([stage.value for stage in _OVER])
    if when != "all":
        wanted.append(~is_over if when == "coming" else is_over)
    order = replace(_PAST if when == "past" else _COMING, among=visible)
    if search:
        wanted.append(_named(search))
        order = exact_first(order, _marked(search))
    if start is not None:
        wanted.append(conference_sessions.c.starts_at >= start)
    if until is not None:
        wanted.append(conference_sessions.c.starts_at < until)
    return fetch_page(
        connection,
        _ROWS.where(visible, *wanted),
        order,
        lambda row: SessionRow(*values(row)),
        lambda row: str(row.id),
        limit=limit,
        after=after,
    )


def _named(search: Search) -> ColumnElement[bool]:
    of_point = matching(session_points.c.search_key, search)
    return matching(conference_sessions.c.search_key, search) | _has_point(of_point)


def _marked(search: Search) -> list[ColumnElement[bool]]:
    of_name = marks(conference_sessions.c.marks_key, search)
    of_point = marks(session_points.c.marks_key, search)
    return [name | _has_point(point) for name, point in zip(of_name, of_point, strict=True)]


def _has_point(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return conference_sessions.c.id.in_(select(session_points.c.session).where(condition))


def find_session(connection: Connection, number: int, viewer: Viewer) -> Session | None:
    """Return a session with its points; None as well for who sees none of its units."""
    query = select(conference_sessions).where(conference_sessions.c.id == number, concerns(viewer))
    row = connection.execute(query).first()
    return None if row is None else with_points(connection, [session_of(row)])[0]


def visible_among(connection: Connection, ids: Collection[str], viewer: Viewer) -> set[str]:
    """Return which of these numbers are of sessions that somebody sees."""
    numbers = [int(one) for one in ids if one.isdecimal()]
    query = select(conference_sessions.c.id).where(
        conference_sessions.c.id.in_(numbers), concerns(viewer)
    )
    return {str(number) for number in connection.scalars(query)}


def sessions_between(
    connection: Connection, viewer: Viewer, start: datetime, end: datetime
) -> list[Session]:
    """Return what began, or was planned to begin where it did not, in a span of time; by that."""
    began = func.coalesce(conference_sessions.c.began_at, conference_sessions.c.starts_at)
    query = (
        select(conference_sessions)
        .where(concerns(viewer), began >= start, began < end)
        .order_by(began, conference_sessions.c.id)
    )
    return with_points(connection, [session_of(row) for row in connection.execute(query)])


def waiting_for_people(connection: Connection, viewer: Viewer, now: datetime) -> list[Session]:
    """Return what should have begun by now, and what ended and is not reported; without points."""
    table = conference_sessions.c
    late = table.stage.in_([Stage.PLANNED.value, Stage.PRE_CHECK.value]) & (table.starts_at <= now)
    is_open = table.stage == Stage.ENDED.value
    query = (
        select(conference_sessions)
        .where(concerns(viewer), late | is_open)
        .order_by(table.starts_at, table.id)
    )
    return [session_of(row) for row in connection.execute(query)]


def unsigned(connection: Connection, viewer: Viewer, now: datetime) -> list[Session]:
    """Return what is in its pre-check and has no signed record of it; without points."""
    table, check = conference_sessions.c, session_checks.c
    signed = (
        select(check.session)
        .join(session_check_signatures, session_check_signatures.c.check_id == check.id)
        .where(check.moment.in_(OF_PRE_CHECK))
    )
    is_near = (table.stage == Stage.PRE_CHECK.value) & (table.starts_at > now)
    query = (
        select(conference_sessions)
        .where(concerns(viewer), is_near, table.id.not_in(signed))
        .order_by(table.starts_at, table.id)
    )
    return [session_of(row) for row in connection.execute(query)]


def earlier_of(
    connection: Connection, viewer: Viewer, session: Session, most: int
) -> list[Session]:
    """Return the last sessions before one: of its series, else those of its name; newest first."""
    table = conference_sessions.c
    same = table.series == session.series if session.series else table.name == session.name
    query: Select[Any] = (
        select(conference_sessions)
        .where(concerns(viewer), same, table.id != session.id)
        .where(table.starts_at < session.starts_at, table.began_at.is_not(None))
        .order_by(table.starts_at.desc(), table.id.desc())
        .limit(most)
    )
    return with_points(connection, [session_of(row) for row in connection.execute(query)])


def log_of(
    connection: Connection, number: int, viewer: Viewer, *, after: int = 0
) -> list[LogEntry]:
    """Return the log of a session in the order of what happened; only what came after an entry."""
    query = (
        select(session_log)
        .join_from(
            session_log, conference_sessions, conference_sessions.c.id == session_log.c.session
        )
        .where(session_log.c.session == number, session_log.c.id > after, concerns(viewer))
        .order_by(session_log.c.at, session_log.c.id)
    )
    rows: list[Row[Any]] = list(connection.execute(query))
    return [entry_of(row) for row in rows]
