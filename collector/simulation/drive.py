"""Drives a collector with all agents of a province: one process, one connection for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents import delivery
from agents.delivery import Verdict
from collector.simulation.connection import Connection
from collector.simulation.dice import draw
from collector.simulation.effects import effect_of
from collector.simulation.tally import Tally, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.simulation.connection import Address
    from collector.simulation.effects import Effect
    from collector.simulation.faults import Fault
    from collector.simulation.reporter import Reporter

JITTER_RATIO = 0.05


@dataclass(frozen=True)
class Run:
    """What a run is told; `duration_seconds` None: until it is cancelled."""

    address: Address
    interval_seconds: float
    duration_seconds: float | None
    faults: Mapping[str, list[Fault]]


class Driver:
    """Runs every agent as a task; `tally` grows meanwhile."""

    def __init__(
        self, run: Run, *, now: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._run, self._now, self._monotonic = run, now, monotonic
        self._started_at = 0.0
        self.tally = Tally()

    async def drive(self, reporters: Sequence[Reporter], stop: asyncio.Event) -> None:
        """Let all agents report until the time is over or `stop` is set."""
        self._started_at = self._monotonic()
        tasks = [asyncio.create_task(self._agent(reporter)) for reporter in reporters]
        try:
            async with asyncio.timeout(self._run.duration_seconds):
                await stop.wait()
        except TimeoutError:
            pass
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _agent(self, reporter: Reporter) -> None:
        """Report at each turn; the turns are spread over the interval by the host's name."""
        interval, name = self._run.interval_seconds, reporter.host.name
        connection = Connection(self._run.address)
        turn = 0
        due = draw(name, "offset") * interval
        try:
            while True:
                jitter = JITTER_RATIO * interval * draw(name, turn)
                await asyncio.sleep(max(0.0, self._started_at + due + jitter - self._monotonic()))
                await self._turn(reporter, connection)
                turn += 1
                due = max(due + interval, self._elapsed() - interval)
        finally:
            connection.close()

    async def _turn(self, reporter: Reporter, connection: Connection) -> None:
        faults = self._run.faults.get(reporter.host.name, [])
        effect = effect_of(faults, self._elapsed())
        if effect.is_cut_off or effect.is_off:
            self.tally.silent_turns += 1
            connection.close()
            reporter.boots += 1 if effect.is_off else 0
            return
        for _ in range(effect.reports_at_once):
            outcome = await self._send(reporter, connection, effect)
            if outcome.wait_seconds:
                await asyncio.sleep(outcome.wait_seconds)
                return
        if effect.is_cloned:
            answer = await connection.send(reporter.clone_request(self._now(), effect))
            self.tally.clone_results[result_of(answer)] += 1

    async def _send(
        self, reporter: Reporter, connection: Connection, effect: Effect
    ) -> delivery.Outcome:
        request = reporter.request(self._now(), effect)
        began_at, is_open = self._monotonic(), connection.is_open
        answer = await connection.send(request)
        seconds = self._monotonic() - began_at
        self.tally.count(answer, len(request), seconds, is_open=is_open)
        jitter = draw(reporter.host.name, reporter.seq, reporter.failures)
        outcome = delivery.after(
            answer, failures=reporter.failures, is_first_attempt=True, jitter=jitter
        )
        reporter.after(outcome)
        return outcome if outcome.verdict is Verdict.KEEP else delivery.Outcome(outcome.verdict, "")

    def _elapsed(self) -> float:
        return self._monotonic() - self._started_at
