"""The clocks of a deadline that others replaced: they stay in the record, late ones visibly."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from incidents.deadline_clock import clocked, run_of
from incidents.deadline_rows import Earlier
from incidents.procedure_clocks import DECIDED, RESTORED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from incidents.procedure_clocks import Deadline
    from incidents.reckoning import Reckoning


def other_severities(
    reckoning: Reckoning,
    deadline: Deadline,
    start: datetime,
    met_at: datetime | None,
    number: int,
    until: datetime | None = None,
) -> Iterator[Earlier]:
    """Yield the clocks that a change of severity replaced while the deadline was not met."""
    for severity, replaced_at in reckoning.replaced_severities(start, until):
        if met_at is not None and met_at < replaced_at:
            return
        run = run_of(severity, number)
        clock = clocked(reckoning, deadline, severity, run, start)
        if clock is not None and clock.due_at is not None:
            yield Earlier(run, severity, clock.due_at, replaced_at, "severity")


def undone(
    reckoning: Reckoning, deadline: Deadline, start: datetime, number: int
) -> Iterator[Earlier]:
    """Yield the restorations that did not hold: those that were late, and the last one."""
    if RESTORED not in deadline.met_by or deadline.start != "detection":
        return
    gone = [(at, until) for at, until in reckoning.undone_restorations if at >= start]
    for place, (at, until) in enumerate(gone, start=1):
        severity = reckoning.severity_at(at)
        run = run_of(severity, number)
        clock = clocked(reckoning, deadline, severity, run, start)
        if clock is None or clock.due_at is None:
            continue
        if at > clock.due_at or place == len(gone):
            yield Earlier(run, severity, clock.due_at, until, "undone", met_at=at)


def rounds(reckoning: Reckoning, deadline: Deadline) -> Iterator[Earlier]:
    """Yield the clocks that ran before the deadline began anew."""
    begun = [reckoning.incident.detected_at, *reckoning.restarts(deadline)]
    why = "nature" if DECIDED in deadline.met_by else "reopened"
    instants = [at for found in reckoning.instants(deadline).values() for at in found]
    for number, (begin, end) in enumerate(pairwise(begun)):
        met_at = min((at for at in instants if begin <= at < end), default=None)
        yield from other_severities(reckoning, deadline, begin, met_at, number, end)
        severity = reckoning.severity_at(met_at or end)
        clock = clocked(reckoning, deadline, severity, run_of(severity, number), begin)
        if clock is not None and clock.due_at is not None:
            yield Earlier(clock.run, severity, clock.due_at, end, why, met_at=met_at)


def held_too_short(reckoning: Reckoning, deadline: Deadline) -> Iterator[Earlier]:
    """Yield the clocks from a restoration that came due before the restoration was undone."""
    for at, until in reckoning.undone_restorations if deadline.start == "restored" else ():
        severity = reckoning.severity_at(until)
        clock = clocked(reckoning, deadline, severity, run_of(severity, 0), at)
        if clock is not None and clock.due_at is not None and clock.due_at <= until:
            yield Earlier(clock.run, severity, clock.due_at, until, "undone")
