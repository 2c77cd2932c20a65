"""Days of a province in minutes: a clock that jumps, the real evaluation, the real desk.

No report goes over a wire, and what cannot change anything is left out: a host reports every
minute while something happens to it and hourly while nothing does; in between it has reported in
time by construction. Evaluation turns, the desk and a person who answers work as they always do.
"""

from __future__ import annotations

import heapq
import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import event

from collector import housekeeping
from collector.attendance import Attendance
from collector.changes import Changes
from collector.cycle import Cycle
from collector.fleet import Fleet
from collector.intake import Accepted, Door
from collector.judge import Judge
from collector.limits import Vitals
from collector.outages.outages import Outages
from collector.probing.probes import Probes
from collector.simulation import office
from collector.simulation.actor import CALM_SECONDS, INTERVAL_SECONDS, Actor
from collector.simulation.diary import found, read_diary
from collector.simulation.effects import effect_of
from collector.simulation.enrolment import row_of
from collector.simulation.faults import strike
from collector.simulation.person import Person
from collector.simulation.readings import report_of
from collector.storage.alerts import AlertWriter
from collector.storage.database import Database, make_engine
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import add_agent, load_units, replace_units
from collector.storage.schema import metadata
from collector.stream import Bookmark
from incidents.desk import Desk
from incidents.rulesets import only
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.fleet import Host
    from collector.policy.policy import Policy
    from collector.simulation.diary import Diary, Found
    from collector.simulation.faults import Fault
    from collector.simulation.province import Province
    from collector.simulation.usual import Trouble
    from collector.stream import Stream

STEP_SECONDS = 5.0
DESK_SECONDS = 60.0
ATTENDANCE_SECONDS = 600.0
FREE_DISK_RATIO = 0.6
# Midnight of a Monday in Viet Nam.
FIRST_MIDNIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
NO_STREAM: Stream = None  # type: ignore[assignment]  # nothing comes through the door


class Result(NamedTuple):
    """What a rehearsal came to."""

    diary: Diary
    found: list[Found]


async def rehearse_days(
    province: Province,
    troubles: Sequence[Trouble],
    policy: Policy,
    directory: Path,
    *,
    days: int,
    calm_seconds: float = CALM_SECONDS,
    told: Callable[[float], None] = lambda _: None,
) -> Result:
    """Let days of a province pass under a policy whose units are the province's.

    Args:
        directory: Where the tables may be; what is in it afterwards is of no use.
        calm_seconds: How often a host reports to which nothing happens.
        told: Called with how many days have passed, now and then.
    """
    engine = make_engine(f"sqlite:///{directory / 'rehearsal.sqlite3'}")
    event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    metadata.create_all(engine)
    database = Database(engine)
    try:
        faults = [fault for trouble in troubles for fault in trouble.faults]
        rehearsal = Rehearsal(
            province, faults, policy, database, days=days, calm_seconds=calm_seconds
        )
        await rehearsal.run(told)
        first = FIRST_MIDNIGHT.astimezone(ZONE).date()
        dates = [first + timedelta(days=day) for day in range(days)]
        within = [t for t in troubles if t.starts_at < days * office.DAY_SECONDS]
        return Result(
            database.read_now(lambda c: read_diary(c, dates)),
            database.read_now(lambda c: found(c, within, FIRST_MIDNIGHT)),
        )
    finally:
        database.close()


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
        calm_seconds: float,
    ) -> None:
        self._days, self._database, self._policy = days, database, policy
        self._elapsed = 0.0
        self._numbers = itertools.count(1)
        changes = Changes(monotonic=self._monotonic)
        changes.on_incident = self._note_incident
        fleet = Fleet(started_at=FIRST_MIDNIGHT, monotonic=self._monotonic)
        fleet.calendar = policy.procedure.calendar
        fleet.set_expectations(policy=policy.hours)
        judge = Judge(fleet, policy.rulebook, changes=changes)
        self._attendance = Attendance(fleet)
        usual = self._attendance.usual
        outages = Outages(fleet, judge, Probes(), usual=usual, procedure=policy.procedure)
        self._door = Door(
            fleet, NO_STREAM, secret=b"", vitals=Vitals(), now=self._now, monotonic=self._monotonic
        )
        self._desk = Desk(
            only(policy.procedure),
            policy.paging,
            new_message_id=self._new_id,
            new_salt=self._new_id,
            switchboard=policy.switchboard,
        )
        self._cycle = self._make_cycle(judge, outages, changes)
        self._person = Person(self._desk)
        self._has_news = False
        database.write_now(partial(_enrol, province=province, policy=policy))
        fleet.set_units(database.read_now(load_units))
        struck = strike(province, list(faults))
        self._actors = [
            Actor(
                host,
                fleet.add(row_of(host, INTERVAL_SECONDS)),
                struck.get(host.name, ()),
                days=days,
                calm_seconds=calm_seconds,
            )
            for host in province.hosts
        ]

    def _make_cycle(self, judge: Judge, outages: Outages, changes: Changes) -> Cycle:
        return Cycle(
            self._door,
            judge,
            outages,
            self._database,
            AlertWriter(self._desk, DeskStore),
            changes,
            judged=Bookmark(0, 0, 0),
            save_seconds=float("inf"),
            now=self._now,
            monotonic=self._monotonic,
        )

    async def run(self, told: Callable[[float], None]) -> None:
        """Let all days pass; `told` hears now and then how many have."""
        waiting = [(0.0, number) for number in range(len(self._actors))]
        heapq.heapify(waiting)
        self._cycle.note_disk(FREE_DISK_RATIO)
        desk_at = count_at = 0.0
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
            if self._elapsed >= count_at:
                count_at = self._elapsed + ATTENDANCE_SECONDS
                self._attendance.sample(self._now())
                told(self._elapsed / office.DAY_SECONDS)
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
        await self._cycle.settle()  # a slow disk must not let simulated days pass it by

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
