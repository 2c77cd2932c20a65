"""Where what was received goes: events to the collector, so many a minute, and hints to probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.probes.pace import Budget
from agents.receivers.gate import Paces

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.report import Event

# Together with the agent's own they stay below what a collector takes of one agent a minute.
EVENTS_PER_MINUTE = 60.0
SOURCE_EVENTS_PER_MINUTE = 10.0


class Out:
    """What one receiver tells; `told` and `untold` count its events.

    Args:
        hint: Given the address of each device that says something, and when (monotonic).

    An event beyond the pace is counted and not told: the hint is given all the same, and what the
    probes find then is told by them.
    """

    def __init__(
        self,
        receiver: str,
        tell: Callable[[Event], None],
        hint: Callable[[str, float], object],
        now: float,
    ) -> None:
        self._receiver, self._tell, self._hint = receiver, tell, hint
        self._all = Budget(EVENTS_PER_MINUTE / 60, EVENTS_PER_MINUTE, now)
        self._each = Paces(SOURCE_EVENTS_PER_MINUTE)
        self.told = self.untold = 0

    def tell(self, event: Event, address: str, now: float) -> None:
        """Report an event of a device if the pace allows it; its probes are due in any case."""
        self._hint(address, now)
        if self._each.spend(address, now) and self._all.spend(1, now):
            self._tell(event)
            self.told += 1
        else:
            self.untold += 1

    def observe(self) -> list[Observation]:
        """Return how many events were told, and how many were not."""
        name = "wanwatch_receiver_events_total"
        return [
            Observation(name, {"receiver": self._receiver, "result": result}, count)
            for result, count in (("told", self.told), ("over_pace", self.untold))
        ]
