"""The running collector: its tasks, their order at the end, reload, and whether it is healthy."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from collector import housekeeping, loops
from collector import policy as policies
from collector.api.health import desk_health
from collector.attendance import first_day
from collector.limits import MAX_LOOP_LAG_SECONDS
from collector.sending import Sending
from collector.services import Health, Reloaded
from collector.storage import identity_log
from collector.storage.access_store import prune_access
from collector.storage.answers import prune_answers
from collector.storage.attendance import save_attendance
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import UnitsInUse, fact, load_units
from collector.storage.hours import HOURS, load_approved, prune_missing, save_missing
from collector.storage.policy_record import RELOADED, take_over
from collector.storage.retention import prune
from collector.storage.sealer import ORIGIN, seal
from collector.watching.verdict import Progress
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from nacl.signing import SigningKey

    from collector.attendance import Attendance
    from collector.changes import Changes
    from collector.connections import Connections
    from collector.console.names import ProcedureNames
    from collector.cycle import Cycle
    from collector.duty_book import DutyBook
    from collector.duty_keeper import DutyKeeper
    from collector.fleet import Fleet
    from collector.identity_desk import IdentityDesk
    from collector.intake import Door
    from collector.judge import Judge
    from collector.known_desk import KnownDesk
    from collector.library import Library
    from collector.limits import Vitals
    from collector.metrics import Counted
    from collector.missing import RollCall
    from collector.mute_keeper import MuteKeeper
    from collector.outages import Outages
    from collector.policy import Policy
    from collector.probing import Probing
    from collector.rules import Rule
    from collector.server import Server
    from collector.settings import Settings
    from collector.storage.database import Database
    from collector.stream.journal import Journal
    from collector.watch_desk import WatchDesk
    from incidents.desk import Desk

SEAL_SECONDS = 10.0
HOUSEKEEPING_SECONDS = 5.0
PRUNE_SECONDS = 600.0
ATTENDANCE_SECONDS = 60.0
MUTES_SECONDS = 5.0
KNOWN_SECONDS = 2.0
DUTIES_SECONDS = 60.0
ATTENDANCE_STORE_SECONDS = 600.0
DESK_SECONDS = 5.0
LAG_SECONDS = 0.5
HEALTHY_SECONDS = 15.0
NEXT_BATCH_SECONDS = 0.1
ANSWERS_KEPT = timedelta(days=7)
MISSING_KEPT = timedelta(days=90)
REFUSED_KEPT = timedelta(days=30)
IDENTITY_LOG_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Clocks:
    """Time and chance, from the composition root."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    jitter: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the composition root made."""

    settings: Settings
    database: Database
    journal: Journal
    fleet: Fleet
    judge: Judge
    outages: Outages
    attendance: Attendance
    mute_keeper: MuteKeeper
    duty_book: DutyBook
    duty_keeper: DutyKeeper
    roll_call: RollCall
    probing: Probing
    door: Door
    known: KnownDesk
    identity: IdentityDesk
    watch: WatchDesk
    cycle: Cycle
    desk: Desk
    names: ProcedureNames
    library: Library
    changes: Changes
    connections: Connections
    vitals: Vitals
    counted: Counted
    seal_key: SigningKey
    stopping: asyncio.Event


class Service:
    """Runs the parts; `server` is set by the composition root before `serve`."""

    server: Server

    def __init__(self, parts: Parts, policy: Policy, clocks: Clocks) -> None:
        self._parts, self._policy, self._clocks = parts, policy, clocks
        self._desk_wake, self._mutes_wake = asyncio.Event(), asyncio.Event()
        self._reloading = asyncio.Lock()
        self._sending = Sending(parts.database, now=clocks.now, jitter=clocks.jitter)
        self._desk_turn_at: float | None = None
        self._hours_version: str | None = None
        self._desk_turns = 0
        self._is_serving = False
        self._attendance_stored_at = clocks.monotonic()
        parts.changes.on_incident = self._wake

    async def serve(self, sockets: list[socket.socket]) -> None:
        """Serve until asked to stop; then stop taking reports first and writing last."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._parts.stopping.set)
        reloads: set[asyncio.Task[Any]] = set()

        def start_reload() -> None:
            reloads.add(task := loop.create_task(self.reload()))
            task.add_done_callback(reloads.discard)

        loop.add_signal_handler(signal.SIGHUP, start_reload)
        paging = self._policy.paging
        await self._sending.start(self._sending.channels(paging), paging.delivery)
        await self._parts.watch.refresh()
        tasks = [asyncio.create_task(work, name=name) for name, work in self._loops().items()]
        serving = asyncio.create_task(self.server.serve(sockets=sockets))
        self._is_serving = True
        logger.info("listening on {}", self._parts.settings.listen)
        stopped = asyncio.create_task(self._parts.stopping.wait())
        watched: list[asyncio.Task[Any]] = [serving, stopped, *tasks]
        ended, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        self._parts.stopping.set()
        self._is_serving = False
        self.server.should_exit = True
        await asyncio.wait([serving])
        await self._sending.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._close()
        for part in ended - {stopped}:
            part.result()  # a part that ended by itself says why

    def _loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the endless works by name."""
        clocks, never = self._clocks, asyncio.Event
        timed = {
            "desk": (self._desk_turn, self._desk_wake, DESK_SECONDS),
            "seal": (self._seal, never(), SEAL_SECONDS),
            "housekeeping": (self._keep_house, never(), HOUSEKEEPING_SECONDS),
            "prune": (self._prune, never(), PRUNE_SECONDS),
            "mutes": (self._keep_mutes, self._mutes_wake, MUTES_SECONDS),
            "known": (self._parts.known.turn, never(), KNOWN_SECONDS),
            "duties": (self._keep_duties, never(), DUTIES_SECONDS),
            "attendance": (self._count_attendance, never(), ATTENDANCE_SECONDS),
        }
        return {
            "cycle": self._parts.cycle.run(),
            "probing": self._parts.probing.run(),
            "lag": loops.measure_lag(self._note_lag, monotonic=clocks.monotonic, every=LAG_SECONDS),
            **{
                name: loops.repeat(name, turn, wake, longest=longest)
                for name, (turn, wake, longest) in timed.items()
            },
        }

    def health(self) -> Health:
        """Say whether whole turns of the desk and of the evaluation ended lately."""
        since = self._desk_turn_at
        desk = desk_health(None if since is None else self._clocks.monotonic() - since)
        judged_at = self._parts.cycle.last_turn_at
        age = None if judged_at is None else self._clocks.now() - judged_at
        if age is not None and age > timedelta(seconds=HEALTHY_SECONDS):
            return Health(ok=False, why=f"the last evaluation turn ended {age.seconds} s ago")
        return desk

    def progress(self) -> Progress:
        """Say what was done so far: whoever sees it twice sees whether it moves."""
        due_at = self._parts.counted.oldest_due_at
        overdue = 0.0 if due_at is None else (self._clocks.now() - due_at).total_seconds()
        return Progress(
            desk_turns=self._desk_turns,
            evaluation_turns=self._parts.cycle.turns,
            outbox_turns=self._sending.turns,
            overdue_seconds=max(0.0, overdue),
        )

    def ready(self) -> Health:
        """Say whether reports and people are served."""
        if self._is_serving and not self._parts.stopping.is_set():
            return Health(ok=True)
        return Health(ok=False, why="starting or stopping")

    def is_shedding(self) -> bool:
        """Say whether the event loop lags so much that pages are not refreshed."""
        return self._parts.vitals.loop_lag_seconds > MAX_LOOP_LAG_SECONDS

    def mutes_changed(self) -> None:
        """Somebody made or ended a silence or a window: look at once."""
        self._mutes_wake.set()

    def rule_of(self, name: str) -> Rule | None:
        """Return the rule in force of a name."""
        return next((rule for rule in self._policy.rulebook.rules if rule.name == name), None)

    async def reload(self, actor: str = RELOADED, reason: str = "") -> Reloaded:
        """Take over the policy directory; one with mistakes changes nothing and is named."""
        async with self._reloading:
            try:
                changed = await self._reload(actor, reason)
            except (InvalidDocument, UnitsInUse, OSError) as error:
                logger.error("the policy was not reloaded, the running one stays: {}", error)
                return Reloaded(self._policy.rulebook.revision, error=str(error))
            except Exception as error:  # noqa: BLE001 - whoever sent the signal reads the log alone
                logger.opt(exception=error).error("the policy could not be reloaded")
                return Reloaded(self._policy.rulebook.revision, error="an error of the collector")
            return Reloaded(self._policy.rulebook.revision, changed)

    async def _reload(self, actor: str, reason: str) -> tuple[str, ...]:
        policy = await asyncio.to_thread(policies.load, self._parts.settings.policy_directory)
        channels = self._sending.channels(policy.paging)
        entry = await self._parts.database.write(
            lambda c: take_over(c, policy, self._clocks.now(), actor, reason)
        )
        units = await self._parts.database.read(load_units)
        # In the writer's thread, between two transactions: no change is made by half of each.
        await self._parts.database.write(
            lambda _: self._parts.desk.adopt(policy.procedure, policy.paging, policy.people)
        )
        self._parts.fleet.calendar = policy.procedure.calendar
        self._parts.fleet.set_units(units)
        await self._parts.identity.refresh()
        self._parts.fleet.set_targets(policy.targets)
        self._parts.fleet.set_expectations(policy=policy.hours)
        self._parts.judge.inventory_changed(self._clocks.now())
        self._parts.outages.muting.adopt(policy.procedure)
        self._parts.names.adopt(policy.procedure)
        self._parts.known.adopt(policy.procedure)
        self._parts.duty_book.adopt(policy.duties, policy.procedure.calendar)
        self._parts.library.adopt(policy.library)
        self._parts.cycle.adopt(policy.rulebook)
        self._policy = policy
        await self._sending.start(channels, policy.paging.delivery)
        logger.info("the policy was reloaded; it is at revision {}", policy.rulebook.revision)
        return () if entry is None else tuple(entry.data["changed"])

    def _wake(self) -> None:
        self._desk_wake.set()
        self._sending.wake()

    async def _desk_turn(self) -> float | None:
        database, now = self._parts.database, self._clocks.now()
        due_at = await database.read(housekeeping.next_turn_at)
        if due_at is not None and due_at <= now:
            looked_at = await database.write(
                lambda c: self._parts.desk.turn(DeskStore(c), self._clocks.now())
            )
            for incident in looked_at:
                self._parts.changes.publish("incident", str(incident))
            due_at = await database.read(housekeeping.next_turn_at)
        self._desk_turn_at = self._clocks.monotonic()
        self._desk_turns += 1
        return None if due_at is None else (due_at - self._clocks.now()).total_seconds()

    async def _seal(self) -> float | None:
        key, now = self._parts.seal_key, self._clocks.now()
        await self._parts.database.write(lambda c: seal(c, now, key=key, origin=ORIGIN))
        return None

    async def _keep_house(self) -> float | None:
        parts = self._parts
        parts.vitals.disk_free_ratio = housekeeping.free_ratio(parts.settings.data)
        parts.cycle.note_disk(parts.vitals.disk_free_ratio)
        await parts.identity.refresh()
        await parts.identity.save_knocks()
        await parts.watch.turn()
        await self._refresh_hours()
        now = self._clocks.now()
        await parts.database.read(
            lambda c: housekeeping.count(c, parts.counted, parts.duty_book, now)
        )
        return None

    async def _refresh_hours(self) -> None:
        """Take over what people decided about hours since the last time."""
        parts = self._parts
        hours = await parts.database.read(lambda c: fact(c, HOURS))
        if hours != self._hours_version:
            approved = await parts.database.read(load_approved)
            parts.fleet.set_expectations(approved=approved)
            parts.judge.inventory_changed(self._clocks.now())
            self._hours_version = hours

    async def _keep_mutes(self) -> float | None:
        await self._parts.mute_keeper.turn(self._clocks.now())
        return None

    async def _keep_duties(self) -> float | None:
        await self._parts.duty_keeper.turn(self._clocks.now())
        return None

    async def _count_attendance(self) -> float | None:
        """Count who is heard; store it now and then."""
        now, monotonic = self._clocks.now(), self._clocks.monotonic()
        if not self._parts.outages.is_deaf:
            self._parts.attendance.sample(now)
            await self._call_roll(now)
        if monotonic - self._attendance_stored_at >= ATTENDANCE_STORE_SECONDS:
            self._attendance_stored_at = monotonic
            await self._store_attendance()
        return None

    async def _call_roll(self, now: datetime) -> None:
        """Once a day for each unit: who was not switched on."""
        lists = self._parts.roll_call.call(now)
        try:
            await self._parts.database.write(lambda c: save_missing(c, lists))
        except SQLAlchemyError:
            self._parts.roll_call.take_back(lists)
            raise
        for one in lists:
            self._parts.changes.publish("worklist", one.unit)

    async def _store_attendance(self) -> None:
        days, before = self._parts.attendance.take_changed(), first_day(self._clocks.now())
        try:
            await self._parts.database.write(lambda c: save_attendance(c, days, before=before))
        except SQLAlchemyError:
            self._parts.attendance.put_back(days)
            raise

    async def _prune(self) -> float | None:
        now = self._clocks.now()
        if not housekeeping.is_night(now):
            return None
        write = self._parts.database.write
        await write(lambda c: prune_access(c, now))
        await write(lambda c: prune_missing(c, (now - MISSING_KEPT).date()))
        await write(lambda c: prune_answers(c, now - ANSWERS_KEPT))
        await write(
            lambda c: identity_log.prune(
                c, refused_before=now - REFUSED_KEPT, all_before=now - IDENTITY_LOG_KEPT
            )
        )
        removed = await write(lambda c: prune(c, now))
        return NEXT_BATCH_SECONDS if removed else None

    def _note_lag(self, seconds: float) -> None:
        self._parts.vitals.loop_lag_seconds = seconds

    async def _close(self) -> None:
        await self._parts.cycle.close()
        with contextlib.suppress(SQLAlchemyError):
            await self._store_attendance()
        await self._parts.journal.close()
