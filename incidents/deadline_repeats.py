"""A deadline that begins again each time it is met, until service is back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.deadline_clock import clocked, extended, without_clock
from incidents.deadline_rows import DeadlineRow, Earlier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from incidents.clocks import Met
    from incidents.procedure_clocks import Deadline
    from incidents.reckoning import Reckoning

# What may happen at one instant, in the order in which it counts: a clock that a new severity makes
# late is late, whatever is met at the same instant.
_WEIGHED, _MET, _STOPPED, _RESUMED = range(4)


@dataclass(slots=True)
class _Walk:
    """Where the walk through what happened stands."""

    since: datetime
    severity: str  # of the clock; one that stopped keeps the severity it stopped under
    weighed: str
    number: int = 0
    stopped_at: datetime | None = None
    last: Met | None = None

    @property
    def run(self) -> str:
        return f"{self.severity}.{self.number}"


def repeating(reckoning: Reckoning, deadline: Deadline) -> DeadlineRow | None:
    """Return the row of the clock that runs now, with every one before it."""
    begin = reckoning.incident.detected_at
    first = reckoning.severity_at(begin)
    walk, earlier = _Walk(begin, first, first), []
    for at, what, value in sorted(_happened(reckoning, deadline), key=lambda h: h[:2]):
        row = clocked(reckoning, deadline, walk.severity, walk.run, walk.since)
        earlier += _replaced(walk, row, at, what)
        _go_on(walk, at, what, value)
    row = clocked(reckoning, deadline, walk.severity, walk.run, walk.since)
    if row is None and not earlier:
        return None
    row = row or without_clock(deadline, walk.severity, walk.run, walk.since, "")
    row = extended(reckoning, deadline, row, walk.stopped_at)
    return replace(
        row,
        proof=walk.last,
        stopped_at=walk.stopped_at,
        stopped_by="" if walk.stopped_at is None else _why(reckoning),
        paused_since=None if walk.stopped_at else row.paused_since,
        earlier=(*earlier, *row.earlier),
    )


def _happened(
    reckoning: Reckoning, deadline: Deadline
) -> Iterator[tuple[datetime, int, Met | str | datetime | None]]:
    for met in reckoning.incident.clocks.met:
        if met.deadline == deadline.code:
            yield met.at, _MET, met
    for begin, end in reckoning.stops():
        yield begin, _STOPPED, None
        if end is not None:
            yield end, _RESUMED, begin
    for weight in reckoning.incident.clocks.severities[1:]:
        yield weight.at, _WEIGHED, weight.severity


def _replaced(walk: _Walk, row: DeadlineRow | None, at: datetime, what: int) -> list[Earlier]:
    """Return the clock that what happened replaces, where it has one."""
    if row is None or row.due_at is None or what == _STOPPED:
        return []
    earlier = Earlier(walk.run, walk.severity, row.due_at, at, "severity")
    if what == _MET:
        return [replace(earlier, why="done", met_at=at)]
    if what == _WEIGHED:
        return [earlier] if walk.stopped_at is None else []
    stopped_at = walk.stopped_at
    if stopped_at is None or row.due_at > stopped_at:
        return []
    return [replace(earlier, why="undone", replaced_at=stopped_at)]


def _go_on(walk: _Walk, at: datetime, what: int, value: object) -> None:
    if what == _MET:
        walk.since, walk.number, walk.last = at, walk.number + 1, value  # type: ignore[assignment]
    elif what == _STOPPED:
        walk.stopped_at = at
    elif what == _WEIGHED:
        walk.weighed = str(value)
        walk.severity = walk.severity if walk.stopped_at else walk.weighed
    else:
        walk.since, walk.number, walk.stopped_at = at, walk.number + 1, None
        walk.severity = walk.weighed


def _why(reckoning: Reckoning) -> str:
    if reckoning.restored_at is not None:
        return "restored"
    return "ended" if reckoning.closed_at is not None else reckoning.incident.stage
