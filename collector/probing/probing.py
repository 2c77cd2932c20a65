"""The loop that has the questions about targets asked, several at once, each by who may ask it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from loguru import logger

from collector.outages.topology import State
from collector.probing.probes import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.probing.probes import Probes
    from collector.targets.targets import Target

AT_ONCE = 32


class Prober(Protocol):
    """Somebody who can ask a target: the collector itself, or an agent on another path."""

    async def probe(self, target: Target) -> State:
        """Return how the target is; unknown is no statement about it."""


class Probers(Protocol):
    """Who can ask, by name."""

    def get(self, name: str) -> Prober | None:
        """Return who is called so, if anybody is."""


class Probing:
    """Asks what is wanted; the first prober in a target's order that can tell decides.

    Args:
        probers: Who can ask, by the name that `from` in targets.yaml uses.
        told: Called after each answer.
    """

    def __init__(
        self,
        probes: Probes,
        probers: Probers,
        *,
        told: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._probes, self._probers, self._told, self._now = probes, probers, told, now
        self._free = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Ask for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._probes.wake.wait()
                self._probes.wake.clear()
                wanted, self._probes.wanted = self._probes.wanted, {}
                for target in wanted.values():
                    group.create_task(self.ask(target))

    async def ask(self, target: Target) -> None:
        """Ask about one target and note the answer."""
        async with self._free:
            state, seen_from = State.UNKNOWN, ""
            for name in target.asked_by:
                state, seen_from = await self._ask(name, target), name
                if state is not State.UNKNOWN:
                    break
        answer = Answer(state, self._now().timestamp(), seen_from)
        self._probes.answered(target.name, answer)
        self._told()

    async def _ask(self, name: str, target: Target) -> State:
        prober = self._probers.get(name)
        if prober is None:
            return State.UNKNOWN
        try:
            return await prober.probe(target)
        except Exception as error:  # noqa: BLE001 - one that fails says nothing about the target
            logger.error("{} cannot ask {}: {!r}", name, target.name, error)
            return State.UNKNOWN
