"""An incident and its ruleset → its deadlines as rows, and what of them comes due when.

Nothing here depends on the present: the instants of a row change only when something happens.
Clocks of law start at detection, whenever their ground is found, and run through nights, weekends
and Tết; the others stand while the incident is on hold, may be extended, and start again when it
is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.clocks import ACKNOWLEDGE
from incidents.deadline_clock import clocked, extended, run_of, without_clock
from incidents.deadline_history import held_too_short, other_severities, rounds, undone
from incidents.deadline_rows import DeadlineRow, Earlier, Point
from incidents.procedure_clocks import (
    ACKNOWLEDGED,
    BY_HAND,
    CLOSED,
    CONTAINED,
    DECIDED,
    RESTORED,
    SCREEN,
    TOLD,
)
from incidents.reckoning import Reckoning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from incidents.clocks import Clocks, Met
    from incidents.procedure import Procedure
    from incidents.procedure_clocks import Deadline
    from incidents.state import Incident


def rows(incident: Incident, procedure: Procedure) -> tuple[DeadlineRow, ...]:
    """Return every deadline that an incident has or had, in the order of the ruleset."""
    reckoning = Reckoning(incident, procedure)
    found = (
        _row(reckoning, deadline)
        for deadline in procedure.file.deadlines
        if deadline.enabled and incident.nature not in deadline.not_for
    )
    return tuple(row for row in found if row is not None)


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
    start = _start(reckoning, deadline)
    if start is None:
        return _only_past(reckoning, deadline)
    if deadline.repeats:
        return _repeating(reckoning, deadline, start)
    met_at, proof = _met(reckoning, deadline, start)
    severity = reckoning.severity_at(met_at)
    earlier = [
        *held_too_short(reckoning, deadline),
        *undone(reckoning, deadline, start),
        *other_severities(reckoning, deadline, start, met_at),
    ]
    run = run_of(severity, reckoning.round_of(start))
    if DECIDED in deadline.met_by and reckoning.incident.clocks.undecided:
        run = f"{run}.n{len(reckoning.incident.clocks.undecided)}"
    row = clocked(reckoning, deadline, severity, run, start)
    if row is None and not earlier:
        return None
    row = row or without_clock(deadline, severity, run, start, "")
    row = extended(reckoning, deadline, row)
    stopped_at, why = (None, "") if met_at is not None else _stopped(reckoning, deadline, start)
    if stopped_at is not None:
        earlier = [clock for clock in earlier if clock.replaced_at <= stopped_at]
    return replace(
        row,
        met_at=met_at,
        proof=proof,
        stopped_at=stopped_at,
        stopped_by=why,
        paused_since=None if met_at or stopped_at else row.paused_since,
        earlier=(*rounds(reckoning, deadline, start), *earlier, *row.earlier),
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
    if DECIDED in deadline.met_by:
        return max((incident.detected_at, *incident.clocks.undecided))
    if deadline.is_legal or deadline.code == ACKNOWLEDGE or not _starts_again(deadline):
        return incident.detected_at
    return max((incident.detected_at, *incident.clocks.reopened))


def _starts_again(deadline: Deadline) -> bool:
    """A reopened incident walks again: what a stage or act meets, not what was said once."""
    return deadline.repeats or any(what not in (DECIDED, TOLD, BY_HAND) for what in deadline.met_by)


def _met(
    reckoning: Reckoning, deadline: Deadline, since: datetime
) -> tuple[datetime | None, Met | None]:
    """Return when it was first met since then, and the record of it where a person made one."""
    incident, clocks = reckoning.incident, reckoning.incident.clocks
    instants: dict[str, datetime | None] = {
        ACKNOWLEDGED: incident.acknowledged_at,
        DECIDED: next((m.at for m in clocks.reporting if m.at >= since), None),
        TOLD: next(
            (at for r, at in clocks.told_roles if r == deadline.tells and at >= since), None
        ),
        CONTAINED: clocks.contained_at,
        RESTORED: reckoning.restored_at,
        CLOSED: reckoning.closed_at,
    }
    proof = next((m for m in clocks.met if m.deadline == deadline.code and m.at >= since), None)
    found: list[datetime] = []
    for what in deadline.met_by:
        if what == BY_HAND:
            at = proof.at if proof is not None else None
        elif what in instants:
            at = instants[what]
        else:
            at = next((v.at for v in clocks.visits if v.stage == what and v.at >= since), None)
        if at is not None and (at >= since or what in (ACKNOWLEDGED, RESTORED)):
            found.append(at)
    met_at = min(found, default=None)
    return met_at, proof if proof is not None and proof.at == met_at else None


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
    if deadline.repeats and reckoning.restored_at is not None:
        stops.append((reckoning.restored_at, "restored"))
    if not stops:
        return None, ""
    at, why = min(stops)
    return max(at, start), why


def _repeating(reckoning: Reckoning, deadline: Deadline, start: datetime) -> DeadlineRow | None:
    """Return the row of a deadline that starts again each time it is met, until restored."""
    resumed = max((start, *(until for _, until in reckoning.undone_restorations)))
    earlier: list[Earlier] = []
    number, round_number, since, last = 0, reckoning.round_of(start), start, None
    for met in sorted(reckoning.incident.clocks.met, key=lambda m: m.at):
        if met.deadline != deadline.code or met.at < start:
            continue
        severity = reckoning.severity_at(met.at)
        run = f"{run_of(severity, round_number)}.{number}"
        clock = clocked(reckoning, deadline, severity, run, since)
        if clock is not None and clock.due_at is not None:
            earlier.append(
                Earlier(run, severity, clock.due_at, met.recorded_at, "done", met_at=met.at)
            )
        number, since, last = number + 1, met.at, met
    since = max(since, resumed)
    severity = reckoning.incident.severity
    run = f"{run_of(severity, round_number)}.{number}"
    row = clocked(reckoning, deadline, severity, run, since)
    if row is None and not earlier:
        return None
    row = extended(reckoning, deadline, row or without_clock(deadline, severity, run, since, ""))
    stopped_at, why = _stopped(reckoning, deadline, since)
    return replace(
        row,
        proof=last,
        stopped_at=stopped_at,
        stopped_by=why,
        paused_since=None if stopped_at else row.paused_since,
        earlier=(*earlier, *row.earlier),
    )
