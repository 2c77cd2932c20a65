"""Figures of a month: sessions, those with faults, minutes lost, causes, by unit and by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from incidents.sessions.minutes import lost_of
from incidents.sessions.model import Stage
from incidents.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Session


@dataclass(slots=True)
class Row:
    """What one unit, or one line, has to do with: how often it took part, what it lost."""

    name: str
    sessions: int = 0
    with_faults: int = 0
    faults: int = 0
    lost_seconds: int = 0


@dataclass(slots=True)
class Cause:
    """One symptom: how often, at how many points, what it cost."""

    code: str
    faults: int = 0
    lost_seconds: int = 0


@dataclass(slots=True)
class Figures:
    """What a span of time looked like.

    Attributes:
        planned: Everything planned in it; `held`: what began; `rehearsals` are not among them.
        with_faults: Sessions in which somebody entered at least one symptom.
        lost_seconds: Summed over all points of all sessions.
        clean: Sessions whose log says in so many words that nothing happened.
        unclosed: Sessions that ended and whose log is open still.
        causes: The costliest first.
    """

    planned: int = 0
    held: int = 0
    cancelled: int = 0
    rehearsals: int = 0
    with_faults: int = 0
    faults: int = 0
    lost_seconds: int = 0
    clean: int = 0
    unclosed: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    causes: list[Cause] = field(default_factory=list)
    units: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)


def figures_of(
    sessions: Iterable[tuple[Session, Collection[LogEntry]]],
    losing: Collection[str],
    now: datetime,
) -> Figures:
    """Return the figures of sessions with their logs."""
    total = Figures()
    causes: dict[str, Cause] = {}
    units: dict[str, Row] = {}
    lines: dict[str, Row] = {}
    classes: Counter[str] = Counter()
    for session, log in sessions:
        if session.kind == "rehearsal":
            total.rehearsals += 1
            continue
        total.planned += 1
        total.cancelled += session.stage is Stage.CANCELLED
        if session.began_at is None:
            continue
        total.held += 1
        classes[session.session_class] += 1
        _count(session, log, losing, now, total, causes, units, lines)
    total.by_class = dict(sorted(classes.items()))
    total.causes = sorted(causes.values(), key=lambda c: (-c.lost_seconds, -c.faults, c.code))
    total.units, total.lines = _ordered(units), _ordered(lines)
    return total


def _count(
    session: Session,
    log: Collection[LogEntry],
    losing: Collection[str],
    now: datetime,
    total: Figures,
    causes: dict[str, Cause],
    units: dict[str, Row],
    lines: dict[str, Row],
) -> None:
    lost = lost_of(session, log, losing, now)
    total.faults += len(lost.faults)
    total.with_faults += bool(lost.faults)
    total.lost_seconds += lost.seconds
    if session.over_at is not None:
        total.unclosed += session.closed_at is None
        total.clean += session.closed_at is not None and not lost.faults
    many = len(session.points)
    for fault in lost.faults:
        cause = causes.setdefault(fault.code, Cause(fault.code))
        cause.faults += 1
        cause.lost_seconds += fault.lost_seconds * (1 if fault.point else many)
    for table, name_of in ((units, "unit"), (lines, "path")):
        by_name: dict[str, list[int]] = {}
        for point in session.points:
            if name := getattr(point, name_of):
                by_name.setdefault(name, []).append(point.order)
        for name, places in by_name.items():
            row = table.setdefault(name, Row(name))
            faults = [one for one in lost.faults if one.point in (0, *places)]
            row.sessions += 1
            row.with_faults += bool(faults)
            row.faults += len(faults)
            row.lost_seconds += sum(lost.by_point.get(place, 0) for place in places)


def _ordered(rows: dict[str, Row]) -> list[Row]:
    return sorted(
        rows.values(), key=lambda row: (-row.lost_seconds, -row.faults, sort_key(row.name))
    )
