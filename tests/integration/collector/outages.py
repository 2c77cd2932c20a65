"""A few units with their hosts, kept reporting while the clock is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.storage.schema import alerts
from tests.integration.collector.world import Agent, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP_SECONDS = 5.0
FINE = [*disk(0.5), ("wanwatch_cpu_used_ratio", {}, 0.1)]


class Province:
    """Units of a world and their agents; each agent reports at its own turn until it is cut."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.agents: dict[str, Agent] = {}
        self.intervals: dict[str, int] = {}
        self.cut: set[str] = set()
        self.measured: dict[str, list[tuple[str, dict[str, str], float]]] = {}

    def add_unit(self, code: str, *, hours: str = "") -> None:
        """Add an organisation."""
        self.world.units[code] = (f"Xã {code}", hours)

    def add(self, unit: str, *names: str, **changes: Any) -> None:
        """Add hosts of a unit; their names begin with the unit's code."""
        for name in names:
            agent = Agent(f"{unit}-{name}", self.world.clock)
            self.world.enrol(agent, unit=unit, host=name, **changes)
            self.agents[agent.name] = agent
            self.intervals[agent.name] = changes.get("interval_seconds", 10)

    def of(self, *units: str) -> set[str]:
        """Return the agents of units."""
        return {name for name in self.agents if name.rpartition("-")[0] in units}

    async def live(self, seconds: float) -> None:
        """Let time pass; whoever is not cut off reports in its interval."""
        for _ in range(int(seconds / STEP_SECONDS)):
            self.world.clock.advance(STEP_SECONDS)
            at = self.world.clock.seconds
            for number, (name, agent) in enumerate(sorted(self.agents.items())):
                offset = STEP_SECONDS * number
                if name not in self.cut and (at - offset) % self.intervals[name] < STEP_SECONDS:
                    answer = await agent.send(self.world, *FINE, *self.measured.get(name, ()))
                    assert answer.status == 202, answer
            await self.world.turn()

    def told(self) -> list[tuple[str, str]]:
        """Return rule and agent of what fires and is told."""
        return self._alerts(suppressed="")

    def children(self, why: str = "parent") -> list[tuple[str, str]]:
        """Return rule and agent of what fires and is recorded only."""
        return self._alerts(suppressed=why)

    def incidents(self) -> list[tuple[str, str, str, str]]:
        """Return unit, class, severity and whether it recovered of every incident."""
        return [
            (i["unit"], i["class_code"], i["severity"], "back" if i["recovered_at"] else "open")
            for i in self.world.incidents()
        ]

    def _alerts(self, *, suppressed: str) -> list[tuple[str, str]]:
        rows = self.world.rows(alerts)
        return sorted(
            (row["rule"], row["agent"])
            for row in rows
            if row["resolved_at"] is None and row["suppressed"] == suppressed
        )


def silent(agents: Iterable[str]) -> list[tuple[str, str]]:
    """The alerts of silent hosts."""
    return [("AgentSilent", name) for name in sorted(agents)]
