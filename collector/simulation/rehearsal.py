"""Days of a province in minutes: a clock that jumps, the real evaluation, the real desk.

No report goes over a wire, and what cannot change anything is left out: a host reports every
minute while something happens to it and hourly while nothing does; in between it has reported in
time by construction. Evaluation turns, the desk and a person who answers work as they always do.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from collector import housekeeping
from collector.changes import Changes
from collector.cycle import Cycle
from collector.fleet import Fleet
from collector.intake import Accepted, Door
from collector.judge import Judge
from collector.limits import Vitals
from collector.simulation import office
from collector.simulation.effects import effect_of
from collector.simulation.enrolment import row_of
from collector.simulation.faults import strike
from collector.simulation.person import Person
from collector.simulation.readings import report_of
from collector.storage.alerts import AlertWriter
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import add_agent, load_units, replace_units
from collector.stream import Bookmark
from incidents.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from collector.fleet import Host
    from collector.policy import Policy
    from collector.simulation.faults import Fault
    from collector.simulation.province import Province, SimulatedHost
    from collector.storage.database import Database
    from collector.stream import Stream

INTERVAL_SECONDS = 60
CALM_SECONDS = 3_600.0
BEFORE_SECONDS = 300.0
# A rule waits for an hour at most until it fires; a host that is back needs no watching so long.
AFTER_SECONDS, AFTER_SILENCE_SECONDS = 5_400.0, 900.0
SILENCING = frozenset({"link_cut", "power_off"})
STEP_SECONDS = 5.0
DESK_SECONDS = 60.0
FREE_DISK_RATIO = 0.6
# Midnight of a Monday in Viet Nam.
FIRST_MIDNIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
NO_STREAM: Stream = None  # type: ignore[assignment]  # nothing comes through the door


class Span(NamedTuple):
    """From an instant to before another, in seconds from the first midnight."""

    start: float
    end: float


class Actor:
    """A host in the rehearsal: when it is on, and when it is worth watching closely."""

    def __init__(self, host: SimulatedHost, row: Host, faults: Sequence[Fault], days: int) -> None:
        self.simulated, self.row, self.faults = host, row, faults
        self._on = [Span(*span) for span in office.spans_on(host, days)]
        self._watched = _merged(
            Span(at - BEFORE_SECONDS, at + _after_seconds(fault))
            for fault in faults
            for at in (fault.at_seconds, fault.at_seconds + fault.duration_seconds)
        )
        edges = {edge for span in (*self._on, *self._watched) for edge in span}
        self._edges = sorted(edge for edge in edges if edge > 0)

    def is_on(self, at: float) -> bool:
        """Say whether somebody has switched it on."""
        return _is_in(self._on, at)

    def next_at(self, at: float) -> float:
        """Return when to look at it again."""
        place = bisect_right(self._edges, at)
        edge = self._edges[place] if place < len(self._edges) else float("inf")
        if _is_in(self._watched, at):
            return min(edge, at + INTERVAL_SECONDS)
        return min(edge, at + CALM_SECONDS) if self.is_on(at) else edge


class Rehearsal:
    """Runs a province's days; `database` is empty and belongs to the rehearsal alone."""

    def __init__(
        self,
        province: Province,
        faults: Sequence[Fault],
        policy: Policy,
        database: Database,
        *,
        days: int,
    ) -> None:
        self._days, self._database, self._policy = days, database, policy
        self._elapsed = 0.0
        self._numbers = itertools.count(1)
        changes = Changes(monotonic=self._monotonic)
        changes.on_incident = self._note_incident
        fleet = Fleet(started_at=FIRST_MIDNIGHT, monotonic=self._monotonic)
        judge = Judge(fleet, policy.rulebook, changes=changes)
        self._door = Door(
            fleet, NO_STREAM, secret=b"", vitals=Vitals(), now=self._now, monotonic=self._monotonic
        )
        self._desk = Desk(
            policy.procedure, policy.paging, new_message_id=self._new_id, new_salt=self._new_id
        )
        self._cycle = Cycle(
            self._door,
            judge,
            database,
            AlertWriter(self._desk, DeskStore),
            changes,
            judged=Bookmark(0, 0, 0),
            save_seconds=float("inf"),
            now=self._now,
            monotonic=self._monotonic,
        )
        self._person = Person(self._desk)
        self._has_news = False
        database.write_now(partial(_enrol, province=province, policy=policy))
        fleet.set_units(database.read_now(load_units))
        struck = strike(province, list(faults))
        self._actors = [
            Actor(host, fleet.add(row_of(host, INTERVAL_SECONDS)), struck.get(host.name, ()), days)
            for host in province.hosts
        ]

    async def run(self) -> None:
        """Let all days pass."""
        waiting = [(0.0, number) for number in range(len(self._actors))]
        heapq.heapify(waiting)
        self._cycle.note_disk(FREE_DISK_RATIO)
        desk_at = 0.0
        while self._elapsed < self._days * office.DAY_SECONDS:
            calm: list[tuple[Host, float]] = []
            while waiting and waiting[0][0] <= self._elapsed:
                _, number = heapq.heappop(waiting)
                actor = self._actors[number]
                next_at = max(actor.next_at(self._elapsed), self._elapsed + STEP_SECONDS)
                if self._look(actor) and next_at < float("inf"):
                    calm.append((actor.row, next_at))
                if next_at < float("inf"):
                    heapq.heappush(waiting, (next_at, number))
            await self._turns()
            for host, next_at in calm:  # until then it goes on reporting, and nothing changes
                host.last_report_at = FIRST_MIDNIGHT + timedelta(seconds=next_at)
            if self._elapsed >= desk_at:
                desk_at = self._elapsed + DESK_SECONDS
                self._desk_turn()
            self._elapsed += STEP_SECONDS
        await self._cycle.close()

    def _look(self, actor: Actor) -> bool:
        """Let a host report if it can; say whether it could."""
        effect = effect_of(actor.faults, self._elapsed)
        if not actor.is_on(self._elapsed) or effect.is_off or effect.is_cut_off:
            return False
        now = self._now()
        actor.row.last_report_at = now
        report = report_of(actor.simulated, actor.row, now.timestamp(), effect)
        self._door.accepted.append(Accepted(actor.row, report, now, Bookmark(0, 0, 0)))
        return True

    async def _turns(self) -> None:
        await self._cycle.turn()
        while self._door.accepted:
            await self._cycle.turn()

    def _desk_turn(self) -> None:
        now = self._now()
        due_at = self._database.read_now(housekeeping.next_turn_at)
        if due_at is not None and due_at <= now:
            self._database.write_now(lambda c: self._desk.turn(DeskStore(c), now))
            self._has_news = True
        if self._has_news or self._person.is_due(now):
            self._has_news = False
            self._database.write_now(lambda c: self._person.act(c, now))

    def _note_incident(self) -> None:
        self._has_news = True

    def _now(self) -> datetime:
        return FIRST_MIDNIGHT + timedelta(seconds=self._elapsed)

    def _monotonic(self) -> float:
        return self._elapsed

    def _new_id(self) -> str:
        return f"{next(self._numbers):032x}"


def _enrol(connection: Connection, *, province: Province, policy: Policy) -> None:
    replace_units(connection, policy.units)
    for host in province.hosts:
        add_agent(connection, row_of(host, INTERVAL_SECONDS), enrolled_at=FIRST_MIDNIGHT)


def _after_seconds(fault: Fault) -> float:
    return AFTER_SILENCE_SECONDS if fault.kind in SILENCING else AFTER_SECONDS


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _is_in(spans: Sequence[Span], at: float) -> bool:
    place = bisect_right(spans, at, key=lambda span: span.start)
    return place > 0 and at < spans[place - 1].end
