"""Keeps sessions as calendars and the weekly schedule want them; what people changed stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collector.storage import sessions as store
from incidents.conditions import Refused
from incidents.sessions.calendar_file import Wanted, digest_of
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Session, Stage
from incidents.sessions.planning import resolve
from incidents.sessions.recurrence import weekly_times

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.sessions.desk import SessionDesk
    from incidents.sessions.policy import SessionPolicy

WEEKLY = "weekly:"


@dataclass(slots=True)
class Followed:
    """What became of what was wanted, by the numbers of sessions; `problems` in words."""

    made: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    known: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Return every session that is another one now."""
        return [*self.made, *self.changed, *self.cancelled]


def follow(
    connection: Connection,
    desk: SessionDesk,
    wanted: list[Wanted],
    actor: str,
    now: datetime,
    *,
    source: str,
) -> Followed:
    """Make, change and cancel sessions as they are wanted; the same again changes nothing.

    A session is touched only when what is said of it is another than the last time, so that what a
    person changed since stands; one that cannot be as wanted is named and stops no other.
    """
    done = Followed()
    for one in wanted:
        try:
            with connection.begin_nested():
                _follow_one(connection, desk, one, actor, now, source, done)
        except Refused as refused:
            done.problems.append(f"{one.session.name}: {refused.reason_vi}")
    return done


def _follow_one(
    connection: Connection,
    desk: SessionDesk,
    one: Wanted,
    actor: str,
    now: datetime,
    source: str,
    done: Followed,
) -> None:
    digest = f"{one.digest}{'-' if one.is_cancelled else ''}"
    found = store.find_occurrence(connection, one.session.occurrence)
    if found is None:
        if not one.is_cancelled:
            number = desk.plan(
                connection, one.session, actor, now, source=source, digest=digest, how=source
            )
            _note_unknown(connection, number, one, actor, now)
            done.made.append(number)
        return
    before, kept = found
    if kept == digest or before.is_over:
        done.known += 1
        return
    store.note_source(connection, before.id, digest)
    if one.is_cancelled:
        if desk.step(connection, before.id, Stage.CANCELLED, actor, now, source):
            done.cancelled.append(before.id)
    elif desk.change(connection, _merged(before, one.session), actor, now, source):
        _note_unknown(connection, before.id, one, actor, now)
        done.changed.append(before.id)
    else:
        done.known += 1


def _merged(before: Session, after: Session) -> Session:
    """Return the new plan with what people know of its points: technicians, confirmations."""
    known = {(point.unit, point.name): point for point in before.points}
    points = []
    for point in after.points:
        old = known.get((point.unit, point.name))
        points.append(point if old is None else replace(old, is_main=point.is_main))
    return replace(after, id=before.id, points=tuple(points))


def _note_unknown(
    connection: Connection, number: int, one: Wanted, actor: str, now: datetime
) -> None:
    if one.unknown:
        text = "Không rõ điểm cầu: " + "; ".join(one.unknown)
        store.log(connection, number, [LogEntry(now, actor, LogKind.NOTE, text=text)], now)


def cancel_gone(
    connection: Connection,
    desk: SessionDesk,
    source: str,
    wanted: list[Wanted],
    actor: str,
    now: datetime,
) -> list[int]:
    """Cancel what a calendar or schedule brought and does not want any more; return which."""
    kept = {one.session.occurrence for one in wanted}
    gone = [
        session.id
        for session in store.followed_from(connection, source, now, now + desk.policy.file.ahead)
        if session.occurrence not in kept
    ]
    for number in gone:
        desk.step(connection, number, Stage.CANCELLED, actor, now, source)
    return gone


def of_schedule(policy: SessionPolicy, now: datetime) -> tuple[list[Wanted], list[str]]:
    """Return the sessions that the weekly schedule wants from now on, and what is wrong with it."""
    wanted, problems = [], []
    for one in policy.file.weekly:
        try:
            names = one.points or tuple(point.name for point in policy.book.points)
            points = resolve(policy.book, names, one.main)
        except Refused as refused:
            problems.append(f"{one.name}: {refused.reason_vi}")
            continue
        for starts_at, ends_at in weekly_times(one, now, now + policy.file.ahead):
            session = Session(
                0, one.name, one.session_class, starts_at, ends_at, kind=one.kind,
                chair=one.chair, bridge=one.bridge, conference=one.conference,
                series=WEEKLY + one.code, occurrence=f"{WEEKLY}{one.code}:{starts_at.isoformat()}",
                points=points,
            )  # fmt: skip
            wanted.append(Wanted(session, digest_of(session)))
    return wanted, problems
