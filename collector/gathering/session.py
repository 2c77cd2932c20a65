"""What the report of a session is made of: its plan, log, records, incidents and the last five."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.gathering.gatherer import Gathered, Gatherer
from collector.storage import session_checks
from collector.storage import sessions as store
from collector.storage.desk_tables import incidents
from collector.storage.queries.sessions import earlier_of
from collector.storage.queries.visibility import NOBODY
from incidents.reports.session_facts import MOST_EARLIER, Broken, PreCheck, Told, facts_of
from incidents.sessions.cells import Verdict
from incidents.sessions.log import LogKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.gathering.gatherer import Sources
    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Session

MOST_DIGITS = 15


def gather(
    sources: Sources, connection: Connection, _kind: str, subject: str, now: datetime
) -> Gathered | None:
    """Return the facts of a session by its number."""
    is_number = subject.isascii() and subject.isdecimal() and len(subject) <= MOST_DIGITS
    session = store.find(connection, int(subject)) if is_number else None
    if session is None:
        return None
    policy, log = sources.sessions.policy, store.whole_log(connection, session.id)
    earlier = earlier_of(connection, NOBODY, session, MOST_EARLIER)
    told = Told(
        session=session,
        log=log,
        names={one.code: one.vi for one in policy.file.symptoms},
        losing=policy.losing,
        thresholds=policy.thresholds(session.session_class),
        incidents=_incidents(connection, session.id),
        checks=_checks(connection, session),
        said=_said(log),
        earlier=[(one, store.whole_log(connection, one.id)) for one in earlier],
    )
    main = next((point.unit for point in session.points if point.is_main), "")
    return Gathered(facts_of(told, now), str(session.id), unit=main)


def _incidents(connection: Connection, number: int) -> list[Broken]:
    table = incidents.c
    query = (
        select(
            table.code, table.title, table.detected_at, table.acknowledged_at,
            table.recovered_at, table.closed_at,
        )
        .where(table.id.in_(store.incidents_of(connection, number)))
        .order_by(table.detected_at, table.id)
    )  # fmt: skip
    return [
        Broken(row[0], row[1], row[2], row[3], row[4], row[5] is not None)
        for row in connection.execute(query)
    ]


def _checks(connection: Connection, session: Session) -> list[PreCheck]:
    """Return the records of before it began, the oldest first."""
    last = session.began_at or session.starts_at
    records = session_checks.newest(connection, session.id)
    return [
        PreCheck(
            one.board.at,
            one.actor,
            {row.point.order: row.verdict is Verdict.GO for row in one.board.rows},
        )
        for one in reversed(records)
        if one.board.at <= last
    ]


def _said(log: Sequence[LogEntry]) -> dict[int, str]:
    """Return the code of what was said last of each point in the roll call."""
    found: dict[int, str] = {}
    for entry in log:
        if entry.kind is LogKind.ROLL_CALL and entry.point:
            found[entry.point] = entry.code
    return found


GATHERER = Gatherer(("session",), gather)
