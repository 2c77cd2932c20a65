"""What agents on another path say of targets: their probes report all the time, nobody waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.outages.topology import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.probing.probing import Prober
    from collector.targets.targets import Target

PROBE_UP = "wanwatch_probe_up"
# One that does not answer is asked three times and told of with the next report.
PATIENCE_INTERVALS, PATIENCE_SECONDS = 2, 8.0


class Probers:
    """Who can ask, by the name that `from` in targets.yaml uses: one of `own`, or UNIT/HOST."""

    def __init__(
        self, own: dict[str, Prober], fleet: Fleet, *, now: Callable[[], datetime]
    ) -> None:
        self._own, self._fleet, self._now = own, fleet, now

    def get(self, name: str) -> Prober | None:
        """Return who is called so, if anybody is."""
        if name in self._own:
            return self._own[name]
        host = self._fleet.named(name)
        return None if host is None else AgentProber(host, self._now)


class AgentProber:
    """Speaks for one agent: its newest word on a target, if that is fresh."""

    def __init__(self, host: Host, now: Callable[[], datetime]) -> None:
        self._host, self._now = host, now

    async def probe(self, target: Target) -> State:
        """Return how the target is from there; unknown where the agent is silent or may not ask."""
        key = (PROBE_UP, (("target", target.name),))
        newest = self._host.latest.get(key)
        if newest is None or self._host.quarantined_at is not None:
            return State.UNKNOWN
        patience = timedelta(
            seconds=PATIENCE_INTERVALS * self._host.interval_seconds + PATIENCE_SECONDS
        )
        if self._now() - newest.at > patience:
            return State.UNKNOWN
        return State.UP if newest.value >= 1 else State.DOWN
