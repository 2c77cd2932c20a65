"""The running collector: its tasks, their order at the end, reload, and whether it is healthy."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from collector import housekeeping, loops
from collector.api.health import desk_health
from collector.limits import MAX_LOOP_LAG_SECONDS
from collector.policy import policy as policies
from collector.sending import Sending
from collector.services import Health, Reloaded
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import UnitsInUse, load_units
from collector.storage.policy_record import RELOADED, take_over
from collector.upkeep import Upkeep
from collector.watching.verdict import Progress
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine

    from collector.parts import Clocks, Parts
    from collector.policy.policy import Policy
    from collector.rules.rules import Rule
    from collector.server import Server
    from incidents.procedure import Procedure

MUTES_SECONDS = 5.0
DESK_SECONDS = 5.0
LAG_SECONDS = 0.5
HEALTHY_SECONDS = 15.0


class Service:
    """Runs the parts; `server` is set by the composition root before `serve`."""

    server: Server

    def __init__(self, parts: Parts, policy: Policy, clocks: Clocks) -> None:
        self._parts, self._policy, self._clocks = parts, policy, clocks
        self._desk_wake, self._mutes_wake = asyncio.Event(), asyncio.Event()
        self._reloading = asyncio.Lock()
        self._sending = Sending(parts.database, parts.acks, now=clocks.now, jitter=clocks.jitter)
        self._desk_turn_at: float | None = None
        self._desk_turns = 0
        self._is_serving = False
        self._upkeep = Upkeep(parts, clocks, self.health)
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
        await self._sending.start(self._sending.channels(paging), paging)
        await self._parts.watch.refresh()
        await asyncio.to_thread(self._parts.files.clear)
        tasks = [asyncio.create_task(work, name=name) for name, work in self._loops().items()]
        serving = asyncio.create_task(self.server.serve(sockets=sockets))
        self._is_serving = True
        logger.info("listening on {}", self._parts.settings.listen)
        _ask_for_first_told(self._policy.procedure)
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
        clocks = self._clocks
        timed = {
            "desk": (self._desk_turn, self._desk_wake, DESK_SECONDS),
            "mutes": (self._keep_mutes, self._mutes_wake, MUTES_SECONDS),
            **{
                name: (turn, asyncio.Event(), longest)
                for name, (turn, longest) in self._upkeep.works().items()
            },
        }
        return {
            "cycle": self._parts.cycle.run(),
            "probing": self._parts.probing.run(),
            "diagnoser": self._parts.diagnoser.run(),
            "lag": loops.measure_lag(self._note_lag, monotonic=clocks.monotonic, every=LAG_SECONDS),
            **{
                name: loops.repeat(name, turn, asyncio.Event(), longest=longest)
                for name, (turn, longest) in self._parts.forwarding.works().items()
            },
            **{
                name: loops.repeat(name, turn, wake, longest=longest)
                for name, (turn, wake, longest) in timed.items()
            },
        }

    def health(self) -> Health:
        """Say whether whole turns ended lately, and whether the auditor finds anything stuck."""
        since = self._desk_turn_at
        desk = desk_health(None if since is None else self._clocks.monotonic() - since)
        judged_at = self._parts.cycle.last_turn_at
        age = None if judged_at is None else self._clocks.now() - judged_at
        if age is not None and age > timedelta(seconds=HEALTHY_SECONDS):
            return Health(ok=False, why=f"the last evaluation turn ended {age.seconds} s ago")
        if desk.ok and self._parts.auditor.findings:
            return Health(ok=False, why=self._parts.auditor.findings[0].en)
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

    def office_names(self) -> tuple[str, ...]:
        """Return the names of the units at the top: of the office itself."""
        return tuple(unit.name for unit in self._policy.units if unit.parent is None)

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
        loaded = await asyncio.to_thread(policies.load, self._parts.settings.policy_directory)
        now, desk = self._clocks.now(), self._parts.desk
        policy = loaded.at(now, running=desk.procedure)
        channels = self._sending.channels(policy.paging)
        entry = await self._parts.database.write(
            lambda c: take_over(c, policy, self._clocks.now(), actor, reason)
        )
        units = await self._parts.database.read(load_units)
        # In the writer's thread, between two transactions: no change is made by half of each.
        await self._parts.database.write(
            lambda _: desk.adopt(
                policy.rulesets, policy.paging, policy.people, now, policy.switchboard
            )
        )
        await self._parts.database.write(lambda c: desk.keep(DeskStore(c), now))
        self._parts.fleet.set_units(units)
        await self._parts.identity.refresh()
        self._parts.fleet.set_targets(policy.targets)
        self._parts.service_board.adopt(policy.catalogue)
        self._parts.certificate_book.adopt(policy.certificates)
        self._parts.fleet.set_expectations(policy=policy.hours)
        self._parts.judge.inventory_changed(self._clocks.now())
        self._follow_ruleset(policy)
        self._parts.library.adopt(policy.library)
        self._parts.sessions.adopt(policy.sessions, policy.targets)
        self._parts.unit_days.adopt(policy.day)
        self._parts.reports.adopt(policy.letterheads)
        self._parts.cycle.adopt(policy.rulebook)
        self._parts.outside.book.adopt(policy.outside, self._clocks.now())
        self._policy = policy
        await self._sending.start(channels, policy.paging)
        logger.info("the policy was reloaded; it is at revision {}", policy.rulebook.revision)
        return () if entry is None else tuple(entry.data["changed"])

    def _follow_ruleset(self, policy: Policy) -> None:
        """Let everything go by the ruleset that is in force now."""
        procedure = policy.procedure
        self._parts.fleet.calendar = procedure.calendar
        self._parts.outages.muting.adopt(procedure)
        self._parts.names.adopt(procedure)
        self._parts.known.adopt(procedure)
        self._parts.duty_book.adopt(policy.all_duties, procedure.calendar)
        _ask_for_first_told(policy.procedure)

    def _wake(self) -> None:
        self._desk_wake.set()
        self._sending.wake()

    async def _desk_turn(self) -> float | None:
        database, now = self._parts.database, self._clocks.now()
        if self._policy.rulesets.at(now) is not self._policy.procedure:
            self._policy = self._policy.at(now)
            self._follow_ruleset(self._policy)
            logger.info("the ruleset {} is in force from now on", self._policy.procedure.id)
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

    async def _keep_mutes(self) -> float | None:
        await self._parts.mute_keeper.turn(self._clocks.now())
        return None

    def _note_lag(self, seconds: float) -> None:
        self._parts.vitals.loop_lag_seconds = seconds

    async def _close(self) -> None:
        await self._parts.files.jobs.stop()
        await self._parts.cycle.close()
        await self._parts.forwarding.close()
        await self._parts.alerts_out.close()
        with contextlib.suppress(SQLAlchemyError):
            await self._upkeep.store_attendance()
        await self._parts.journal.close()


def _ask_for_first_told(procedure: Procedure) -> None:
    """Say that the province has to decide whom it tells first, as long as it has not."""
    if procedure.file.first_told is None:
        logger.warning(
            "the ruleset {} does not say who outside is told first: decide it and write first_told "
            "before this goes into use",
            procedure.id,
        )
