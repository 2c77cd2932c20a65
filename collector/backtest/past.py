"""What the tables know of a stretch of the past beside samples; everything here only reads.

The inventory is the one of now. What people did about silences, windows, sessions, overrides and
incidents stands with its instant, so that it is done again at its time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select

from collector.alerts_in.sources import sources_of
from collector.attendance import first_day, today
from collector.backtest.detection import Known
from collector.outages.topology import TARGET_PREFIX
from collector.ranges import Received
from collector.states import Handed
from collector.storage.attendance import load_attendance
from collector.storage.desk_store import stored_timeline
from collector.storage.fleet import load_agents, load_units
from collector.storage.hours import load_approved
from collector.storage.schema import (
    agents,
    alerts,
    incidents,
    mutes,
    oncall_cancelled,
    oncall_overrides,
)
from collector.storage.session_tables import conference_sessions
from collector.storage.sessions import session_of, with_points
from collector.storage.sources import load_sources
from incidents import timeline
from incidents.sessions.model import Stage
from incidents.state import Kind, is_person
from incidents.timeline import instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.alerts_in.sources import Source
    from collector.fleet import AgentRow
    from collector.hours.expectations import Whom
    from collector.hours.hours import Hours
    from collector.outages.usual import Day
    from collector.storage.fleet import StoredUnit
    from incidents.sessions.model import Session
    from incidents.timeline import Entry

# More incidents than this in one span are not followed: their people are not replayed.
MOST_INCIDENTS = 2_000
# So long after its end everything that it covered is told.
MUTE_ENDS = timedelta(minutes=10)
# What a person did to an incident that changes whom it tells, and that stands by itself.
OF_PEOPLE = frozenset(
    {
        Kind.ACKNOWLEDGED,
        Kind.ALSO_ACKNOWLEDGED,
        Kind.PASSED_ON,
        Kind.NOTE,
        Kind.MOVED,
        Kind.SEVERITY_CHANGED,
        Kind.CLASSIFIED,
        Kind.DEADLINE_MET,
        Kind.DEADLINE_EXTENDED,
        Kind.CLOSED,
    }
)


class Act(NamedTuple):
    """What a person did to an incident: one entry of its timeline, without its words."""

    at: datetime
    actor: str
    kind: Kind
    data: Mapping[str, Any]


class Followed(NamedTuple):
    """One incident of the record, by its cause, and what people did about it."""

    key: str
    opened_at: datetime
    ended_at: datetime | None
    acts: tuple[Act, ...]


class Stretch(NamedTuple):
    """From one instant until another; None: it has not ended."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Past:
    """What a run is made of beside its policy and its samples.

    Attributes:
        sources: Who says alerts from outside, by name.
        enrolled_at: When each agent was enrolled.
        mutes: Rows of silences and windows, as stored.
        overrides: Rows of who stood in for whom; `cancelled`: of those that were taken back.
        down: When a target gave no answer, by its node: what its alerts say.
        signs: When alerts began or ended, in order: then the collector ran.
        known: The incidents that were detected in the span.
    """

    units: list[StoredUnit]
    agents: list[AgentRow]
    sources: Mapping[str, Source]
    enrolled_at: Mapping[str, datetime]
    approved: Mapping[Whom, Hours]
    days: list[Day]
    mutes: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    cancelled: list[dict[str, Any]]
    sessions: list[Session]
    session_rows: list[dict[str, Any]]
    down: Mapping[str, list[Stretch]]
    signs: list[datetime]
    followed: list[Followed]
    known: list[Known]


def load_past(
    connection: Connection, start: datetime, since: datetime, until: datetime, down_rules: set[str]
) -> Past:
    """Read what a run from `start` on needs; what is known is of the span from `since`.

    Args:
        down_rules: The rules whose alerts say that a target gave no answer.
    """
    sessions = _session_rows(connection, start, until)
    found = _incidents(connection, start, until)
    overrides = _overrides(connection, start, until)
    return Past(
        units=load_units(connection),
        agents=[_as_before(row, start) for row in load_agents(connection)],
        sources=sources_of(load_sources(connection)),
        enrolled_at=_enrolled(connection),
        approved=load_approved(connection),
        days=[d for d in load_attendance(connection, first_day(start)) if d.day < today(start)],
        mutes=_mutes(connection, start, until),
        overrides=overrides,
        cancelled=_cancelled(connection, [row["id"] for row in overrides]),
        sessions=with_points(connection, [session_of(row) for row in sessions]),
        session_rows=[dict(row._mapping) for row in sessions],
        down=_down(connection, start, until, down_rules),
        signs=_signs(connection, start, until),
        followed=[followed for _, followed in found if followed is not None],
        known=[known for known, _ in found if since <= known.found_at < until],
    )


def _as_before(row: AgentRow, start: datetime) -> AgentRow:
    """Return an agent as if nothing had come from it yet.

    One that was heard after the start is taken to have been heard at it: it is missed if it does
    not come.
    """
    last = row.last_report_at
    return row._replace(
        last_report_at=None if last is None else min(last, start),
        boot="",
        received=Received(),
        handed=Handed(),
        farewell="",
        quarantined_at=None,
    )


def _enrolled(connection: Connection) -> dict[str, datetime]:
    return {row.id: row.enrolled_at for row in connection.execute(select(agents))}


def _mutes(connection: Connection, start: datetime, until: datetime) -> list[dict[str, Any]]:
    statement = select(mutes).where(
        mutes.c.created_at < until,
        mutes.c.ends_at > start,
        or_(mutes.c.ended_at.is_(None), mutes.c.ended_at > start),
    )
    return [dict(row._mapping) for row in connection.execute(statement.order_by(mutes.c.id))]


def _overrides(connection: Connection, start: datetime, until: datetime) -> list[dict[str, Any]]:
    table = oncall_overrides
    statement = select(table).where(table.c.made_at < until, table.c.ends_at > start)
    return [dict(row._mapping) for row in connection.execute(statement.order_by(table.c.id))]


def _cancelled(connection: Connection, numbers: list[int]) -> list[dict[str, Any]]:
    statement = select(oncall_cancelled).where(oncall_cancelled.c.override.in_(numbers))
    return [dict(row._mapping) for row in connection.execute(statement)]


def _session_rows(connection: Connection, start: datetime, until: datetime) -> list[Any]:
    table = conference_sessions
    statement = select(table).where(
        or_(table.c.starts_at < until, table.c.began_at < until),
        or_(table.c.ends_at > start, table.c.over_at > start),
    )
    return list(connection.execute(statement.order_by(table.c.id)))


def _down(
    connection: Connection, start: datetime, until: datetime, rules: set[str]
) -> dict[str, list[Stretch]]:
    statement = (
        select(alerts.c.agent, alerts.c.started_at, alerts.c.resolved_at)
        .where(alerts.c.rule.in_(rules), alerts.c.agent.startswith(TARGET_PREFIX))
        .where(alerts.c.started_at < until)
        .where(or_(alerts.c.resolved_at.is_(None), alerts.c.resolved_at > start))
    )
    found: dict[str, list[Stretch]] = {}
    for agent, began_at, ended_at in connection.execute(statement):
        found.setdefault(agent, []).append(Stretch(began_at, ended_at))
    return found


def _signs(connection: Connection, start: datetime, until: datetime) -> list[datetime]:
    found: set[datetime] = set()
    for column in (alerts.c.started_at, alerts.c.resolved_at):
        found |= set(
            connection.scalars(select(column).where(column > start, column < until).distinct())
        )
    return sorted(found)


def _incidents(
    connection: Connection, start: datetime, until: datetime
) -> list[tuple[Known, Followed | None]]:
    """Return the incidents of a span, each with what people did about it, without drills."""
    statement = (
        select(incidents)
        .where(incidents.c.is_drill.is_(False), incidents.c.detected_at < until)
        .where(or_(incidents.c.closed_at.is_(None), incidents.c.closed_at > start))
        .order_by(incidents.c.id)
        .limit(MOST_INCIDENTS)
    )
    found = []
    for row in connection.execute(statement).all():
        entries = [timeline.read(stored) for stored in stored_timeline(connection, row.id)]
        if entries:
            found.append((_known(row, entries[0]), _followed(row, entries)))
    return found


def _known(row: Any, opening: Entry) -> Known:
    return Known(
        code=row.code,
        key=opening.data["dedup_key"] or "",
        unit=row.unit,
        host=row.host,
        class_code=row.class_code,
        severity=row.severity,
        began_at=instant(opening.data["started_at"]),
        found_at=row.detected_at,
        ended_at=row.closed_at,
        title_vi=row.title,
        title_en=row.title_en,
        is_restricted=row.readers is not None,
    )


def _followed(row: Any, entries: list[Entry]) -> Followed | None:
    key = entries[0].data["dedup_key"]
    if not key:
        return None
    acts = tuple(
        Act(entry.at, entry.actor, Kind(entry.kind), entry.data)
        for entry in entries
        if is_person(entry.actor) and entry.kind in OF_PEOPLE
    )
    return Followed(key, entries[0].at, row.closed_at, acts)


def mute_times(past: Past) -> list[tuple[datetime, datetime]]:
    """Return from when until when each silence or window must be looked after."""
    return [
        (row["created_at"], min(row["ends_at"], row["ended_at"] or row["ends_at"]) + MUTE_ENDS)
        for row in past.mutes
    ]


def live_at(sessions: list[Session], now: datetime) -> list[Session]:
    """Return the sessions as they stood at an instant: those that are in nobody's way left out."""
    return [
        replace(one, stage=_stage_at(one, now), over_at=None)
        for one in sessions
        if one.stage is not Stage.CANCELLED and (one.over_at is None or now < one.over_at)
    ]


def _stage_at(session: Session, now: datetime) -> Stage:
    return Stage.LIVE if session.began_at and session.began_at <= now else Stage.PRE_CHECK
