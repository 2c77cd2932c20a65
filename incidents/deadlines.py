"""An incident and its ruleset → its deadlines as rows, and what of them comes due when.

Nothing here depends on the present: the instants of a row change only when something happens.
Clocks of law start at detection, whenever their ground is found, and run through nights, weekends
and Tết; the others stand while the incident is on hold, may be extended, and start again when it
is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.carrier_deadline import carrier_row
from incidents.clocks import ACKNOWLEDGE
from incidents.deadline_clock import clocked, extended, run_of, without_clock
from incidents.deadline_history import held_too_short, other_severities, rounds, undone
from incidents.deadline_repeats import repeating
from incidents.procedure_clocks import (
    CLOSED,
    RESTORED,
    SCREEN,
)
from incidents.reckoning import Reckoning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from incidents.clocks import Clocks, Met
    from incidents.deadline_rows import DeadlineRow, Point
    from incidents.procedure import Procedure
    from incidents.procedure_clocks import Deadline
    from incidents.state import Incident


def rows(incident: Incident, procedure: Procedure) -> tuple[DeadlineRow, ...]:
    """Return every deadline that an incident has or had, in the order of the ruleset."""
    reckoning = Reckoning(incident, procedure)
    found = (
        _row(reckoning, deadline)
        for deadline in _asked(incident, procedure)
        if deadline.enabled and incident.nature not in deadline.not_for
    )
    return tuple(row for row in (*found, carrier_row(incident, procedure)) if row is not None)


def _asked(incident: Incident, procedure: Procedure) -> Iterator[Deadline]:
    """Yield the deadlines of the ruleset, and what a live session asks for beside them."""
    yield from procedure.file.deadlines
    part = incident.around.in_session
    if part is not None and part.is_live:
        yield from procedure.session_deadlines


@dataclass(frozen=True, slots=True)
class Come:
    """A point of a deadline that has come and was not written down yet."""

    row: DeadlineRow
    point: Point


def come(found: Iterable[DeadlineRow], clocks: Clocks, now: datetime) -> list[Come]:
    """Return what has come by now, of each deadline the last point alone."""
    waiting = [(row, p) for row, p in _waiting(found, clocks) if p.at <= now]
    last = {row.code: Come(row, point) for row, point in waiting}
    return list(last.values())


def next_at(found: Iterable[DeadlineRow], clocks: Clocks) -> datetime | None:
    """Return when the next point comes; None while there is none."""
    return min((point.at for _, point in _waiting(found, clocks)), default=None)


def _waiting(found: Iterable[DeadlineRow], clocks: Clocks) -> Iterator[tuple[DeadlineRow, Point]]:
    for row in found:
        if not row.is_running or row.paused_since is not None or row.code == ACKNOWLEDGE:
            continue
        done = max((p for c, r, p in clocks.occurred if (c, r) == (row.code, row.run)), default=0)
        for point in row.points:
            if point.percent > done and point.tell != SCREEN:
                yield row, point


def _row(reckoning: Reckoning, deadline: Deadline) -> DeadlineRow | None:
    if deadline.repeats:
        return repeating(reckoning, deadline)
    start = _start(reckoning, deadline)
    if start is None:
        return _only_past(reckoning, deadline)
    number = len(reckoning.restarts(deadline))
    met_at, proof = _met(reckoning, deadline, start)
    stopped_at, why = (None, "") if met_at is not None else _stopped(reckoning, deadline, start)
    severity = reckoning.severity_at(met_at or stopped_at)
    earlier = [
        *rounds(reckoning, deadline),
        *held_too_short(reckoning, deadline),
        *undone(reckoning, deadline, start, number),
        *other_severities(reckoning, deadline, start, met_at, number, stopped_at),
    ]
    run = run_of(severity, number)
    row = clocked(reckoning, deadline, severity, run, start)
    if row is None and not earlier:
        return None
    row = row or without_clock(deadline, severity, run, start, "")
    row = extended(reckoning, deadline, row, met_at or stopped_at)
    return replace(
        row,
        met_at=met_at,
        proof=proof,
        stopped_at=stopped_at,
        stopped_by=why,
        paused_since=None if met_at or stopped_at else row.paused_since,
        earlier=(*earlier, *row.earlier),
    )


def _only_past(reckoning: Reckoning, deadline: Deadline) -> DeadlineRow | None:
    """Return the row of a deadline that has no start now, where an earlier one was missed."""
    earlier = tuple(held_too_short(reckoning, deadline))
    if not earlier:
        return None
    last = earlier[-1]
    row = without_clock(deadline, last.severity, last.run, last.replaced_at, "")
    return replace(row, earlier=earlier)


def _start(reckoning: Reckoning, deadline: Deadline) -> datetime | None:
    incident = reckoning.incident
    if deadline.ground is not None and not reckoning.ever_had(deadline.ground):
        return None
    if deadline.start == "restored":
        return reckoning.restored_at
    if deadline.start == "closed":
        return reckoning.closed_at
    return max((incident.detected_at, *reckoning.restarts(deadline)))


def _met(
    reckoning: Reckoning, deadline: Deadline, since: datetime
) -> tuple[datetime | None, Met | None]:
    """Return when it was first met since then, and the record of it where a person made one."""
    found: list[datetime] = []
    for what, instants in reckoning.instants(deadline).items():
        if what == RESTORED:  # what did not hold does not count, what began before may
            found += [reckoning.restored_at] if reckoning.restored_at else []
        elif what == CLOSED:
            found += [reckoning.closed_at] if reckoning.closed_at else []
        else:
            found += [at for at in instants if at >= since]
    met_at = min(found, default=None)
    mets = reckoning.incident.clocks.met
    proof = (m for m in mets if m.deadline == deadline.code and m.at == met_at)
    return met_at, next(proof, None)


def _stopped(
    reckoning: Reckoning, deadline: Deadline, start: datetime
) -> tuple[datetime | None, str]:
    """Return when an unmet deadline ceased to apply, and why."""
    incident, stops = reckoning.incident, []
    if deadline.ground is not None and (gone := reckoning.withdrawn_at(deadline.ground)):
        stops.append((gone, "not_reportable"))
    if incident.ended and incident.ended_at is not None:
        if reckoning.closed_at is None:
            stops.append((incident.ended_at, incident.stage))
        elif not deadline.is_legal and deadline.start != "closed":
            stops.append((incident.ended_at, "ended"))
    part = incident.around.in_session
    if part is not None and part.left_at and deadline in reckoning.procedure.session_deadlines:
        stops.append((part.left_at, "session_over"))
    if not stops:
        return None, ""
    at, why = min(stops)
    return max(at, start), why
