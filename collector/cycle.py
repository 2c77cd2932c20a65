"""One evaluation turn: accepted reports and due instants → one transaction → news for watchers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.alerts_in.door import AcceptedAlerts
from collector.metrics.own import AGENT_CLONED, DATA_FREE_RATIO
from collector.storage.device_events import save_heard
from collector.storage.fleet import JUDGED, save_agents, set_fact
from collector.storage.identity_log import note
from collector.storage.outside import save_outside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.alerts import Change
    from collector.alerts_in import Outside
    from collector.alerts_in.book import News
    from collector.changes import Changes
    from collector.fleet import AgentRow, Host
    from collector.heard import Heard
    from collector.intake import Accepted, Door
    from collector.judge import Judge
    from collector.outages.outages import Outages
    from collector.rules.rulebook import Rulebook
    from collector.storage.alerts import AlertWriter, Written
    from collector.storage.database import Database
    from collector.stream import Bookmark

MAX_REPORTS_A_TURN = 200
MAX_ALERTS_A_TURN = 2_000
SAVE_SECONDS = 5.0
# The store may be slow or locked; judging goes on after this and the write ends by itself.
PATIENCE_SECONDS = 2.0
FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 30.0
FAILED_TURN_PAUSE_SECONDS = 1.0
LONGEST_WAIT = timedelta(seconds=1)
# Turns come at least each second: a longer gap means that this process stood still.
STANDSTILL_SECONDS = 8.0
# Wall and monotonic time drift apart by more than this only when the clock is set.
CLOCK_STEP_SECONDS = 5.0


class Batch(NamedTuple):
    """What one transaction stores; `forked` are the keys that were just quarantined."""

    changes: tuple[Change, ...]
    hosts: tuple[AgentRow, ...]
    forked: tuple[AgentRow, ...]
    heard: tuple[Heard, ...]
    judged: Bookmark
    now: datetime
    outside: News | None = None


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What one turn did.

    Attributes:
        waiting: Reports not yet judged. Attribute `pending`: alert changes not yet stored.
        error: Why the store did not take what it was given; empty when it did.
        next_at: When there is something to do if nothing arrives.
    """

    judged: int
    waiting: int
    pending: int
    error: str
    next_at: datetime


class Cycle:
    """The turns, one after the other; `run` is the loop around them.

    Attributes:
        judged: Where the stream goes on after the last judged report.
        stored: The same, as the tables know it.
        last_turn_at: When a whole turn last ended.
        turn_seconds: How long the last turn took.
        turns: How many turns have ended.
        failed_reports: Reports that judging failed on: a fault of ours that cost them alone.
    """

    def __init__(
        self,
        door: Door,
        judge: Judge,
        outages: Outages,
        database: Database,
        writer: AlertWriter,
        changes: Changes,
        *,
        judged: Bookmark,
        outside: Outside | None = None,
        save_seconds: float = SAVE_SECONDS,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._door, self._judge, self._outages, self._database = door, judge, outages, database
        self._writer, self._changes, self._outside = writer, changes, outside
        self._now, self._monotonic = now, monotonic
        self.judged = self.stored = judged
        self._save_seconds = save_seconds
        self.error = ""
        self.last_turn_at: datetime | None = None
        self.turn_seconds = 0.0
        self.failed_reports = self.turns = 0
        self._dirty: dict[str, Host] = {}
        self._forked: list[AgentRow] = []
        self._is_first = True
        self._saved_at = self._not_before = monotonic()
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._last_times: tuple[datetime, float] | None = None
        self._storing: asyncio.Task[None] | None = None

    async def turn(self) -> TurnResult:
        """Judge what arrived and what is due, store what changed, tell who watches."""
        begun, now = self._monotonic(), self._now()
        self._watch_clocks(now, begun)
        self._outages.note_load(self._waited_seconds(now), self._door.shed_count, now)
        judged = self._judge_arrived(now)
        self._judge.tick(now)
        if self._outside is not None:
            self._outside.book.tick(now)
        self._outages.turn(now)
        await self._store(now, begun)
        self.last_turn_at, self.turn_seconds = self._now(), self._monotonic() - begun
        self.turns += 1
        waiting, pending = len(self._door.accepted), len(self._judge.pending)
        return TurnResult(judged, waiting, pending, self.error, self._next_at(now))

    async def wait(self, result: TurnResult) -> None:
        """Wait until a report arrives or something is due, at most a second."""
        seconds = (result.next_at - self._now()).total_seconds()
        if seconds <= 0 or self._door.accepted:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._door.arrived.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        """Repeat turns until cancelled; one that fails does not end those after it."""
        while True:
            try:
                result = await self.turn()
            except Exception as error:  # noqa: BLE001 - what it failed on is behind us
                logger.opt(exception=error).error("a turn failed in an unexpected way")
                await asyncio.sleep(FAILED_TURN_PAUSE_SECONDS)
                continue
            await self.wait(result)

    async def close(self) -> None:
        """Store what is known, as far as the store takes it."""
        self._saved_at -= self._save_seconds
        self._not_before = self._monotonic()
        await self.turn()
        if self._storing is not None:
            await asyncio.wait({self._storing}, timeout=PATIENCE_SECONDS)

    async def settle(self) -> None:
        """Wait for a write that is under way, however slow: for whoever drives the clock."""
        if self._storing is not None:
            await asyncio.wait({self._storing})

    def note_disk(self, free_ratio: float) -> None:
        """Judge the free share of the data disk, which the caller has read."""
        own = self._judge.fleet.own
        self._judge.feed(own, DATA_FREE_RATIO, free_ratio, self._now())

    def adopt(self, rulebook: Rulebook) -> None:
        """Judge by other rules from now on."""
        self._judge.adopt(rulebook, self._now())

    def _watch_clocks(self, now: datetime, monotonic: float) -> None:
        """Neither our own standstill nor a clock that is set makes anybody silent."""
        before, self._last_times = self._last_times, (now, monotonic)
        if before is None:
            return
        passed = monotonic - before[1]
        step_seconds = (now - before[0]).total_seconds() - passed
        if abs(step_seconds) > CLOCK_STEP_SECONDS:
            logger.warning("the clock of the collector was set by {:.0f} s", step_seconds)
            self._judge.shift(step_seconds, now)
            self._outages.shift(step_seconds)
        if passed > STANDSTILL_SECONDS:
            self._judge.settle_again(now, passed)

    def _waited_seconds(self, now: datetime) -> float:
        """Return how long the report that comes next has waited here to be judged."""
        accepted = self._door.accepted
        return (now - accepted[0].received_at).total_seconds() if accepted else 0.0

    def _judge_arrived(self, now: datetime) -> int:
        self._door.arrived.clear()
        most = min(len(self._door.accepted), MAX_REPORTS_A_TURN)
        count = alerts = 0
        while count < most and alerts < MAX_ALERTS_A_TURN:
            accepted = self._door.accepted.popleft()
            count += 1
            if accepted.following is not None:
                self.judged = accepted.following
            if isinstance(accepted, AcceptedAlerts):
                alerts += len(accepted.alerts)
                self._judge_alerts(accepted, now)
                continue
            self._dirty[accepted.host.agent] = accepted.host
            self._judge_one(accepted, now)
        self._note_contacts(now)
        passed = self._door.passed
        if not self._door.accepted and passed is not None:
            self.judged = max(self.judged, passed)  # contacts have nothing to judge
        return count

    def _note_contacts(self, now: datetime) -> None:
        """Take over whose state changed, who is alive in quarantine, and who is new there."""
        self._dirty.update(self._door.contacts)
        for host in self._door.contacts.values():
            if host.quarantined_at is not None:
                self._judge.look(host, now)
        for host in self._door.quarantined.values():
            self._judge.feed(host, AGENT_CLONED, 1.0, now)
            self._forked.append(host.row())
            self._changes.publish("host", host.agent)
            self._changes.publish("identity", host.agent)
        self._door.contacts.clear()
        self._door.quarantined.clear()

    def _judge_one(self, accepted: Accepted, now: datetime) -> None:
        """Judge a report unless its key was revoked meanwhile; a fault of ours costs it alone."""
        host = accepted.host
        if self._judge.fleet.hosts.get(host.agent) is not host:
            return
        try:
            self._judge.report(host, accepted.report, min(accepted.received_at, now))
        except Exception as error:  # noqa: BLE001 - the others must be judged
            self.failed_reports += 1
            said = logger.opt(exception=error if self.failed_reports == 1 else None)
            said.error("report {} of {} cannot be judged", accepted.report.seq, host.agent)
        self._changes.publish("host", host.agent)

    def _judge_alerts(self, accepted: AcceptedAlerts, now: datetime) -> None:
        """Judge what somebody outside says; a fault of ours costs it alone."""
        if self._outside is None:
            return
        self._outside.door.judged(accepted)
        try:
            self._outside.book.take(accepted.source, accepted.alerts, now)
        except Exception as error:  # noqa: BLE001 - the others must be judged
            self.failed_reports += 1
            said = logger.opt(exception=error if self.failed_reports == 1 else None)
            said.error("alerts of {} cannot be judged", accepted.source.id)

    async def _store(self, now: datetime, monotonic: float) -> None:
        """Start a write when there is something to write, and give it a moment to end."""
        if self._storing is None and self._is_due(monotonic):
            changes, dirty = self._judge.pending.take(monotonic), self._dirty
            self._dirty, self._saved_at, self._is_first = {}, monotonic, False
            hosts = tuple(host.row() for host in dirty.values())
            forked, self._forked = tuple(self._forked), []
            heard = self._judge.heard.take()
            outside = None if self._outside is None else self._outside.book.take_news()
            batch = Batch(changes, hosts, forked, heard, self.judged, now, outside)
            self._storing = asyncio.create_task(self._write(batch, dirty))
            await asyncio.wait({self._storing}, timeout=PATIENCE_SECONDS)

    def _is_due(self, monotonic: float) -> bool:
        if monotonic < self._not_before:
            return False
        has_news = self._is_first or bool(self._dirty)
        if self._outside is not None:
            has_news = has_news or self._outside.book.has_news
        return self._judge.pending.wait_seconds(monotonic) == 0.0 or (
            has_news and monotonic - self._saved_at >= self._save_seconds
        )

    async def _write(self, batch: Batch, dirty: dict[str, Host]) -> None:
        try:
            written = await self._database.write(partial(store, writer=self._writer, batch=batch))
        except Exception as error:  # noqa: BLE001 - the store may fail in any way; judging goes on
            self._dirty = {**dirty, **self._dirty}
            self._forked[:0] = batch.forked
            self._judge.heard.put_back(batch.heard)
            if self._outside is not None and batch.outside is not None:
                self._outside.book.put_back(batch.outside)
            self._failed(error)
        else:
            self._succeeded(batch, written)
        finally:
            self._storing = None
            self._door.arrived.set()

    def _succeeded(self, batch: Batch, written: Written) -> None:
        self.stored = batch.judged
        self._judge.pending.done(written.done)
        self._retry_seconds = FIRST_RETRY_SECONDS
        if written.failed:
            self._put_off(batch, written)
        elif self.error and not self._judge.pending.is_any_put_off:
            logger.info("the store takes alerts again; nothing was lost")
            self.error = ""
        for row in written.touched:
            self._changes.publish("alert", str(row.alert))
            self._changes.publish("host", row.agent)
            self._changes.publish("unit", row.unit)
            if row.outcome == "worklist":
                self._changes.publish("worklist", row.unit)
            if row.incident is not None:
                self._changes.publish("incident", str(row.incident))

    def _put_off(self, batch: Batch, written: Written) -> None:
        """Try those alerts again later that the desk could not take; the others go on."""
        self._say(written.failed[0])
        done = {change.fingerprint for change in written.done}
        for change in batch.changes:
            if change.fingerprint not in done:
                self._judge.pending.put_off(change, self._monotonic())

    def _say(self, error: Exception) -> None:
        """Say once that alerts cannot be stored."""
        if not self.error:
            logger.error("alerts cannot be stored, trying again until they are: {}", error)
        self.error = f"{type(error).__name__}: {error}"

    def _failed(self, error: Exception) -> None:
        """Leave the store alone for a while; what is pending stays so until the next try."""
        self._say(error)
        self._not_before = self._monotonic() + self._retry_seconds
        self._retry_seconds = min(self._retry_seconds * 2, LAST_RETRY_SECONDS)

    def _next_at(self, now: datetime) -> datetime:
        """Return when the next turn is due; a second is the longest that health can wait for."""
        if self._door.accepted:
            return now
        dues: tuple[datetime | None, ...]
        dues = (self._judge.next_due_at(), self._outages.next_due_at())
        if self._outside is not None:
            dues = (*dues, self._outside.book.next_due_at())
        times = [now + LONGEST_WAIT, *(due for due in dues if due is not None)]
        monotonic = self._monotonic()
        waits = self._judge.pending.wait_seconds(monotonic)
        if waits is not None and self._storing is None:
            wait_seconds = max(waits, self._not_before - monotonic)
            times.append(now + timedelta(seconds=wait_seconds))
        return min(times)


def store(connection: Connection, *, writer: AlertWriter, batch: Batch) -> Written:
    """Write one turn: alerts and what the desk makes of them, keys, and the judged position."""
    written = writer.write(connection, batch.changes, batch.now)
    save_agents(connection, batch.hosts)
    save_heard(connection, batch.heard)
    if batch.outside is not None:
        save_outside(connection, batch.outside)
    for row in batch.forked:
        note(connection, batch.now, "quarantined", agent=row.id, unit=row.unit, host=row.host)
    set_fact(connection, JUDGED, str(batch.judged))
    return written
