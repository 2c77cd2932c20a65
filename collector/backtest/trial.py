"""One collector of the past: production parts on a driven clock and on tables apart."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from collector import housekeeping
from collector.alerts_in.book import OutsideBook
from collector.attendance import Attendance
from collector.backtest.apart import TablesApart
from collector.backtest.clock import DrivenClock
from collector.backtest.door import NOWHERE, RecordedDoor, new_outside
from collector.backtest.history import stood_still
from collector.backtest.noted import Notes, NotingWriter
from collector.backtest.past import live_at, mute_times
from collector.backtest.people import People
from collector.backtest.sender import Sender
from collector.changes import Changes
from collector.cycle import Cycle
from collector.fleet import Fleet
from collector.judge import Judge
from collector.mutes.keeper import MuteKeeper
from collector.outages.outages import Outages
from collector.outages.topology import PROBE_PATIENCE_SECONDS, State
from collector.probing.probes import Answer, Probes
from collector.sessions.around import SessionsAround
from collector.storage.desk_store import DeskStore
from collector.storage.session_tables import conference_sessions
from collector.targets.targets import COLLECTOR
from incidents.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.backtest.history import Recorded
    from collector.backtest.past import Past
    from collector.policy.policy import Policy
    from collector.rules.rulebook import Rulebook
    from collector.targets.targets import Target
    from incidents.desk_store import DeskTransaction
    from incidents.in_session import Around, Where

MUTES_SECONDS = 5.0
ATTENDANCE_SECONDS = 60.0
# Of keys nothing is read back: their rows need not be written while it runs.
SAVE_SECONDS = 1e9
AT_ONCE = timedelta(milliseconds=50)


class Trial:
    """Judges recorded reports by one rulebook, and does with the alerts what a collector does.

    Args:
        began_at: When it begins to listen; before, nobody could be heard.
    """

    def __init__(self, policy: Policy, rulebook: Rulebook, past: Past, began_at: datetime) -> None:
        self.policy, self.rulebook, self._past = policy, rulebook, past
        self.clock = DrivenClock(began_at)
        self.tables = TablesApart()
        self.fleet = self._make_fleet(began_at)
        changes = Changes(monotonic=self.clock.monotonic)
        changes.on_incident = self._note_news
        self.judge = Judge(self.fleet, rulebook, changes=changes)
        self._attendance, self._probes = Attendance(self.fleet), Probes()
        self._attendance.load(past.days)
        self._outages = Outages(
            self.fleet,
            self.judge,
            self._probes,
            usual=self._attendance.usual,
            procedure=policy.procedure,
        )
        self.notes = Notes(self.fleet)
        self.judge.tell = self.notes.listening(self.judge.tell)
        self.desk = self._make_desk()
        self.people = People(self.desk, past)
        self.sender = Sender(self.tables, policy.paging)
        self._mutes, self._muted = self._make_mutes(changes), mute_times(past)
        self.door = RecordedDoor(
            self.fleet, past.sources, now=self.clock.now, monotonic=self.clock.monotonic
        )
        book = OutsideBook(self.judge, self._outages, policy.outside)
        self.door.outside = new_outside(self.door, book, self.clock.now)
        self.cycle = self._make_cycle(changes)
        self._next_at = self._mutes_at = self._counted_at = self._last_at = began_at
        self._desk_at: datetime | None = None
        self._has_news = True

    async def take(self, piece: Sequence[Recorded]) -> None:
        """Judge reports that came together; what falls due before each comes first.

        Where nobody listened no time passes for the evaluation: it finds that it stood still.
        """
        for recorded in piece:
            if not stood_still(self._last_at, recorded.at, self._past.signs):
                await self.run_to(recorded.at)
            self._last_at = max(self._last_at, recorded.at)
            self.door.hand_over(recorded)
        await self._turn(piece[-1].at)

    async def run_to(self, at: datetime) -> None:
        """Let time pass until an instant; what falls due at it is done."""
        while (due := self._due_at()) <= at:
            await self._turn(due)

    def close(self) -> None:
        """Forget everything."""
        self.tables.close()

    def _due_at(self) -> datetime:
        dues = (self.people.next_at, self.sender.due_at, self._desk_at)
        return min([self._next_at, *(due for due in dues if due is not None)])

    async def _turn(self, at: datetime) -> None:
        """Do what a collector does at an instant: people, mutes, evaluation, desk, messages."""
        self.clock.set(at)
        now = self.clock.now()
        if self.people.next_at is not None and self.people.next_at <= now:
            self.tables.write_now(lambda c: self.people.turn(c, now))
            self._has_news = True
        if now >= self._mutes_at:
            await self._keep_mutes(now)
        result = await self.cycle.turn()
        while result.waiting:
            result = await self.cycle.turn()
        self._answer(now)
        if now >= self._counted_at:
            self._attendance.sample(now)
            self._counted_at = now + timedelta(seconds=ATTENDANCE_SECONDS)
        await self._serve_desk(now)
        self._next_at = max(result.next_at, now + AT_ONCE)

    async def _serve_desk(self, now: datetime) -> None:
        """Do what is due at the desk, and let messages leave."""
        is_due = self._desk_at is not None and self._desk_at <= now
        if self._has_news or is_due:
            self._has_news = False
            self.tables.write_now(lambda c: self.people.welcome(c, now))
            self._desk_at = self.tables.read_now(housekeeping.next_turn_at)
            while self._desk_at is not None and self._desk_at <= now:
                before = self._desk_at
                self.tables.write_now(lambda c: self.desk.turn(DeskStore(c), now))
                self._desk_at = self.tables.read_now(housekeeping.next_turn_at)
                if self._desk_at == before:  # it could not be served now: not again at once
                    self._desk_at = now + timedelta(seconds=1)
            await self.sender.turn(now)
        elif self.sender.due_at is not None and self.sender.due_at <= now:
            await self.sender.turn(now)

    async def _keep_mutes(self, now: datetime) -> None:
        self._mutes_at = now + timedelta(seconds=MUTES_SECONDS)
        if any(since <= now <= until for since, until in self._muted):
            await self._mutes.turn(now)

    def _note_news(self) -> None:
        self._has_news = True

    def _answer(self, now: datetime) -> None:
        """Answer what the collector asks about targets as they are known to have been."""
        wanted, self._probes.wanted = self._probes.wanted, {}
        self._probes.wake.clear()
        for target in wanted.values():
            answer = Answer(self._state_of(target, now), now.timestamp(), COLLECTOR)
            self._probes.answered(target.name, answer)

    def _state_of(self, target: Target, now: datetime) -> State:
        """Return how a target was; the alert began when the answer did not come."""
        patience = timedelta(seconds=PROBE_PATIENCE_SECONDS)
        for stretch in self._past.down.get(target.node, ()):
            has_ended = stretch.until is not None and stretch.until <= now
            if stretch.since - patience <= now and not has_ended:
                return State.DOWN
        return State.UP

    def _around(self, _tx: DeskTransaction, where: Where, now: datetime) -> Around:
        sessions = live_at(self._past.sessions, now)
        return self._sessions.presence.around(sessions, where, now)

    def _make_fleet(self, began_at: datetime) -> Fleet:
        policy = self.policy
        own_unit = next((unit.code for unit in policy.units if unit.parent is None), "")
        fleet = Fleet(started_at=began_at, monotonic=self.clock.monotonic, own_unit=own_unit)
        fleet.calendar = policy.procedure.calendar
        fleet.set_units(self._past.units)
        fleet.set_targets(policy.targets)
        fleet.set_expectations(policy=policy.hours, approved=self._past.approved)
        for row in self._past.agents:
            enrolled_at = self._past.enrolled_at.get(row.id)
            is_new = enrolled_at is not None and enrolled_at > began_at
            fleet.add(row._replace(last_report_at=None) if is_new else row)
        return fleet

    def _make_desk(self) -> Desk:
        numbers, salts = itertools.count(1), itertools.count(1)
        desk = Desk(
            self.policy.rulesets,
            self.policy.paging,
            new_message_id=lambda: f"backtest-{next(numbers)}",
            new_salt=lambda: f"{next(salts):032x}",
            people=self.policy.people,
            switchboard=self.policy.switchboard,
        )
        self._sessions = SessionsAround()
        self._sessions.adopt(self.policy.sessions, self.policy.targets)
        desk.around = self._around
        self.tables.write_now(lambda c: desk.keep(DeskStore(c), self.clock.now()))
        if self._past.session_rows:
            rows = self._past.session_rows
            self.tables.write_now(lambda c: c.execute(insert(conference_sessions), rows))
        return desk

    def _make_mutes(self, changes: Changes) -> MuteKeeper:
        numbers = itertools.count(1)
        return MuteKeeper(
            self.tables,
            self._outages,
            self.desk,
            changes,
            new_message_id=lambda: f"backtest-notice-{next(numbers)}",
        )

    def _make_cycle(self, changes: Changes) -> Cycle:
        writer = NotingWriter(self.desk, DeskStore)
        writer.notes = self.notes
        return Cycle(
            self.door,
            self.judge,
            self._outages,
            self.tables,
            writer,
            changes,
            judged=NOWHERE,
            outside=self.door.outside,
            save_seconds=SAVE_SECONDS,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
        )
