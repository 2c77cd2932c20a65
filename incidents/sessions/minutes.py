"""Minutes lost: from a symptom to its end, counted once per point however many overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents.sessions.log import LogEntry, LogKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from incidents.sessions.model import Session

ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One symptom at one point, from when to when; `ended_at` None: it lasts.

    Attributes:
        lost_seconds: Of the session's own time, for a symptom that costs minutes.
    """

    point: int
    code: str
    began_at: datetime
    ended_at: datetime | None
    lost_seconds: int
    entry: int = 0
    incident: str = ""
    fallback: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """What a session lost.

    Attributes:
        by_point: Seconds by the point's place; symptoms at once count once.
        seconds: The sum over all points.
        faults: Every symptom in order.
    """

    seconds: int
    by_point: dict[int, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def lost_of(
    session: Session, log: Iterable[LogEntry], losing: Collection[str], now: datetime
) -> Lost:
    """Return what a session lost up to now, or to its end.

    A symptom of the whole session (point 0) costs every point. `restored` ends the symptom that it
    names, else all at its point; one of point 0 ends those of the whole session. Before the
    beginning and after the end nothing is lost.

    Args:
        losing: The symptoms that cost minutes.
    """
    faults = _faults(session, sorted(log, key=lambda entry: (entry.at, entry.id)), losing, now)
    by_point: dict[int, int] = {}
    for point in session.points:
        spans = [
            _within(session, fault.began_at, fault.ended_at, now)
            for fault in faults
            if fault.code in losing and fault.point in (0, point.order)
        ]
        seconds = round(covered(spans).total_seconds())
        if seconds:
            by_point[point.order] = seconds
    return Lost(sum(by_point.values()), by_point, tuple(faults))


def covered(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Return how much time lies in at least one span."""
    total, end = ZERO, None
    for begins, ends in sorted(span for span in spans if span[1] > span[0]):
        start = begins if end is None or begins > end else end
        if ends > start:
            total += ends - start
            end = ends
    return total


def _faults(
    session: Session, log: Sequence[LogEntry], losing: Collection[str], now: datetime
) -> list[Fault]:
    faults = []
    for place, entry in enumerate(log):
        if entry.kind is not LogKind.SYMPTOM:
            continue
        later = log[place + 1 :]
        ended_at = next((one.at for one in later if _ends(one, entry)), None)
        begins, ends = _within(session, entry.at, ended_at, now)
        lost = max(ZERO, ends - begins) if entry.code in losing else ZERO
        during = [
            one
            for one in later
            if one.point == entry.point and (ended_at is None or one.at <= ended_at)
        ]
        faults.append(
            Fault(
                entry.point,
                entry.code,
                entry.at,
                ended_at,
                round(lost.total_seconds()),
                entry.id,
                entry.incident,
                _first(during, LogKind.FALLBACK),
                _first(during, LogKind.ACTION),
            )
        )
    return faults


def _first(entries: Iterable[LogEntry], kind: LogKind) -> str:
    return next((one.text or one.code for one in entries if one.kind is kind), "")


def _ends(one: LogEntry, symptom: LogEntry) -> bool:
    if one.kind is not LogKind.RESTORED or one.point != symptom.point:
        return False
    return not one.code or one.code == symptom.code


def _within(
    session: Session, begins: datetime, ends: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """Return a span as far as it lies in the session's own time; empty: nothing of it does."""
    if session.began_at is None:
        return now, now
    last = session.over_at or now
    start, end = max(begins, session.began_at), min(ends or last, last)
    return start, max(start, end)
