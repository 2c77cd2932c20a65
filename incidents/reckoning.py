"""What the deadlines of an incident ask of its record: severities, pauses, grounds, restoration."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from incidents.clocks import ACKNOWLEDGE
from incidents.procedure_clocks import (
    ACKNOWLEDGED,
    BY_HAND,
    CLOSED,
    CONTAINED,
    DECIDED,
    RESTORED,
    TOLD,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from incidents.calendar import Calendar
    from incidents.procedure import Procedure
    from incidents.procedure_clocks import Deadline
    from incidents.state import Incident
    from incidents.terms import Term

Pause = tuple["datetime", "datetime | None"]


class Reckoning:
    """One incident under its ruleset."""

    def __init__(self, incident: Incident, procedure: Procedure) -> None:
        self.incident, self.procedure = incident, procedure

    @property
    def weighed_at(self) -> datetime:
        """When it got its present severity."""
        severities = self.incident.clocks.severities
        return severities[-1].at if severities else self.incident.detected_at

    def severity_at(self, instant: datetime | None) -> str:
        """Return the severity at an instant; the present one without an instant."""
        if instant is None:
            return self.incident.severity
        had = [w.severity for w in self.incident.clocks.severities if w.at <= instant]
        first = next(iter(self.incident.clocks.severities), None)
        return had[-1] if had else first.severity if first else self.incident.severity

    def replaced_severities(
        self, since: datetime, until: datetime | None = None
    ) -> list[tuple[str, datetime]]:
        """Return the severities that others replaced after `since`, and when."""
        return [
            (one.severity, other.at)
            for one, other in pairwise(self.incident.clocks.severities)
            if other.at > since and (until is None or other.at <= until)
        ]

    def pauses(self, since: datetime) -> tuple[Pause, ...]:
        """Return the times on hold after `since`; the last one may still last."""
        visits = self.incident.clocks.visits
        ends: list[datetime | None] = [*(visit.at for visit in visits[1:]), None]
        found: list[Pause] = []
        for visit, end in zip(visits, ends, strict=False):
            stage = self.procedure.stages.get(visit.stage)
            if stage is not None and stage.pauses and (end is None or end > since):
                found.append((max(visit.at, since), end))
        return tuple(found)

    @cached_property
    def restorations(self) -> list[Pause]:
        """When service was back, by machines or by the stage, and until when that held."""
        held = self.procedure.after_restoring
        stood = self._while_in(held.__contains__)
        return _joined([*self.incident.clocks.recovered, *stood])

    @cached_property
    def restored_at(self) -> datetime | None:
        """Since when service has been back; None while it is not."""
        spans = self.restorations
        return spans[-1][0] if spans and spans[-1][1] is None else None

    @cached_property
    def undone_restorations(self) -> list[tuple[datetime, datetime]]:
        """When service was back and did not stay."""
        return [(at, until) for at, until in self.restorations if until is not None]

    @cached_property
    def closed_at(self) -> datetime | None:
        """When it was closed as an incident; None while open, dismissed or a duplicate."""
        if not self.incident.ended:
            return None
        since = max((self.incident.detected_at, *self.incident.clocks.reopened))
        closed = self.procedure.file.closed
        visits = self.incident.clocks.visits
        return next((v.at for v in visits if v.stage == closed and v.at >= since), None)

    def instants(self, deadline: Deadline) -> dict[str, list[datetime]]:
        """Return when each thing happened that meets a deadline, by its name in `met_by`."""
        incident, clocks = self.incident, self.incident.clocks
        acts: dict[str, list[datetime]] = {
            ACKNOWLEDGED: [incident.acknowledged_at] if incident.acknowledged_at else [],
            DECIDED: [made.at for made in clocks.reporting],
            CONTAINED: [clocks.contained_at] if clocks.contained_at else [],
            RESTORED: [at for at, _ in self.restorations],
            CLOSED: self._visits(self.procedure.file.closed),
            TOLD: [at for role, at in clocks.told_roles if role == deadline.tells],
            BY_HAND: [m.at for m in clocks.met if m.deadline == deadline.code],
        }
        return {w: acts[w] if w in acts else self._visits(w) for w in deadline.met_by}

    def _visits(self, stage: str) -> list[datetime]:
        return [visit.at for visit in self.incident.clocks.visits if visit.stage == stage]

    def restarts(self, deadline: Deadline) -> tuple[datetime, ...]:
        """Return when the clock of a deadline began anew: never one of law, nor the first one.

        Another nature opens the decision again; a reopened incident walks again, so that what an
        act or a stage meets has to be met again, while what was said once was said.
        """
        clocks = self.incident.clocks
        if deadline.is_legal or deadline.start != "detection" or deadline.code == ACKNOWLEDGE:
            return ()
        if DECIDED in deadline.met_by:
            return clocks.undecided
        if deadline.repeats or set(deadline.met_by) - {TOLD, BY_HAND}:
            return clocks.reopened
        return ()

    def stops(self) -> list[Pause]:
        """Return when a repeating deadline had nothing to repeat: service was back, or the end."""
        return _joined([*self.restorations, *self._while_in(self._ends)])

    def _ends(self, stage: str) -> bool:
        known = self.procedure.stages.get(stage)
        return known is not None and known.ends

    def _while_in(self, has: Callable[[str], bool]) -> Iterator[Pause]:
        """Yield since when and until when it stood in stages that `has` says yes to."""
        since: datetime | None = None
        for visit in self.incident.clocks.visits:
            if has(visit.stage):
                since = since or visit.at
            elif since is not None:
                yield since, visit.at
                since = None
        if since is not None:
            yield since, None

    @cached_property
    def _grounds(self) -> list[tuple[datetime, frozenset[str]]]:
        """The grounds in force, and since when each set of them."""
        clocks = self.incident.clocks
        found: list[tuple[datetime, frozenset[str]]] = []
        if clocks.presumed_at is not None:
            found.append((clocks.presumed_at, self._with_implied(clocks.presumed)))
        for made in clocks.reporting:
            usual = self.procedure.file.reportable.presumed.get(self.incident.severity, ())
            grounds = (made.grounds or usual) if made.is_reportable else ()
            found.append((made.at, self._with_implied(grounds)))
        return found

    def _with_implied(self, grounds: Iterable[str]) -> frozenset[str]:
        known, waiting = set[str](), list(grounds)
        while waiting:
            code = waiting.pop()
            if code not in known:
                known.add(code)
                ground = self.procedure.file.grounds.get(code)
                waiting += ground.implies if ground is not None else ()
        return frozenset(known)

    def ever_had(self, ground: str) -> bool:
        """Say whether a ground counted at any time."""
        return any(ground in grounds for _, grounds in self._grounds)

    def withdrawn_at(self, ground: str) -> datetime | None:
        """Return when a ground that had counted was withdrawn; None while it counts."""
        gone: datetime | None = None
        for at, grounds in self._grounds:
            gone = None if ground in grounds else gone or at
        return gone


def shifted(
    instant: datetime, term: Term, start: datetime, pauses: Sequence[Pause], calendar: Calendar
) -> tuple[datetime, tuple[tuple[datetime, datetime], ...], datetime | None]:
    """Return an instant of a term moved on by its pauses, those that ended, and an open one."""
    ended: list[tuple[datetime, datetime]] = []
    for begin, end in pauses:
        if begin >= instant:
            break
        if end is None:
            return instant, tuple(ended), begin
        ended.append((begin, end))
        instant = _later(instant, term, max(begin, start), end, calendar)
    return instant, tuple(ended), None


def _later(
    instant: datetime, term: Term, begin: datetime, end: datetime, calendar: Calendar
) -> datetime:
    """Return an instant moved on by a pause, measured on the term's own clock."""
    if term.unit in ("min", "h"):
        return instant + (end - begin)
    if term.unit == "wh":
        return calendar.add_working(instant, calendar.working_between(begin, end))
    if term.unit == "wd":
        return calendar.later_by_working_days(instant, calendar.working_days_begun(begin, end))
    return calendar.later_by_days(instant, calendar.days_begun(begin, end))


def _joined(spans: list[Pause]) -> list[Pause]:
    """Return spans in order, those that touch made one; an open one is the last."""
    joined: list[Pause] = []
    for begin, end in sorted(spans, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or begin <= joined[-1][1]):
            before = joined[-1][1]
            later = None if before is None or end is None else max(before, end)
            joined[-1] = (joined[-1][0], later)
        else:
            joined.append((begin, end))
    return joined
