"""The clocks of a deadline that others replaced: they stay in the record, late ones visibly."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from incidents.deadline_clock import clocked, run_of
from incidents.deadline_rows import Earlier
from incidents.procedure_clocks import RESTORED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from incidents.procedure_clocks import Deadline
    from incidents.reckoning import Reckoning


def other_severities(
    reckoning: Reckoning, deadline: Deadline, start: datetime, met_at: datetime | None
) -> Iterator[Earlier]:
    """Yield the clocks that a change of severity replaced while the deadline was not met."""
    round_number = reckoning.round_of(start)
    for severity, until in reckoning.replaced_severities(start):
        if met_at is not None and met_at <= until:
            return
        run = run_of(severity, round_number)
        clock = clocked(reckoning, deadline, severity, run, start)
        if clock is not None and clock.due_at is not None:
            yield Earlier(run, severity, clock.due_at, until, "severity")


def undone(reckoning: Reckoning, deadline: Deadline, start: datetime) -> Iterator[Earlier]:
    """Yield the restorations that did not hold: those that were late, and the last one."""
    if RESTORED not in deadline.met_by or deadline.start != "detection" or deadline.repeats:
        return
    gone = [(at, until) for at, until in reckoning.undone_restorations if at >= start]
    for place, (at, until) in enumerate(gone, start=1):
        severity = reckoning.severity_at(at)
        run = run_of(severity, reckoning.round_of(start))
        clock = clocked(reckoning, deadline, severity, run, start)
        if clock is None or clock.due_at is None:
            continue
        if at > clock.due_at or place == len(gone):
            yield Earlier(run, severity, clock.due_at, until, "undone", met_at=at)


def rounds(reckoning: Reckoning, deadline: Deadline, start: datetime) -> Iterator[Earlier]:
    """Yield the clocks that ran before the incident was reopened."""
    incident = reckoning.incident
    if deadline.start != "detection" or start == incident.detected_at:
        return
    begun = [incident.detected_at, *incident.clocks.reopened]
    for number, (earlier, reopened_at) in enumerate(pairwise(begun)):
        severity = reckoning.severity_at(reopened_at)
        clock = clocked(reckoning, deadline, severity, run_of(severity, number), earlier)
        if clock is None or clock.due_at is None or earlier >= start:
            continue
        met_at = reckoning.met_in_round(deadline, earlier, reopened_at)
        yield Earlier(clock.run, severity, clock.due_at, reopened_at, "reopened", met_at=met_at)


def held_too_short(reckoning: Reckoning, deadline: Deadline) -> Iterator[Earlier]:
    """Yield the clocks from a restoration that came due before the restoration was undone."""
    for at, until in reckoning.undone_restorations if deadline.start == "restored" else ():
        severity = reckoning.severity_at(until)
        clock = clocked(reckoning, deadline, severity, run_of(severity, 0), at)
        if clock is not None and clock.due_at is not None and clock.due_at < until:
            yield Earlier(clock.run, severity, clock.due_at, until, "undone")
