"""What the running collector knows of keys follows the tables at once, not at the next look."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from collector import housekeeping
from collector.identity import quarantine
from collector.metrics.own import AGENT_CLONED
from collector.storage.fleet import load_agents
from collector.storage.knocks import save_knocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.fleet import AgentRow, Fleet
    from collector.housekeeping import AgentsVersion
    from collector.identity.knocks import Knocks
    from collector.judge import Judge
    from collector.rates import Rates
    from collector.storage.database import Database


class IdentityDesk:
    """Keys as this process uses them; lives on the event loop alone.

    Attributes:
        knocks: The keys that knock and are not let in.
    """

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        judge: Judge,
        knocks: Knocks,
        rates: Rates,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._fleet, self._judge, self._now = database, fleet, judge, now
        self.knocks, self._rates = knocks, rates
        self._version: AgentsVersion | None = None
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> None:
        """Take over keys that were added, approved, changed or revoked since the last time."""
        async with self._one_at_a_time:
            version, rows = await self._database.read(self._changed)
            if rows is None:
                return
            housekeeping.refresh_agents(self._fleet, self._judge, rows, self._now())
            self._rates.set_hosts(self._fleet.hosts.values())
            self._version = version

    def note_unknown(self, agent: str, address: str) -> None:
        """Remember a key that knocks and is not enrolled."""
        if agent not in self._fleet.hosts:
            self.knocks.note(agent, address, self._now())

    async def save_knocks(self) -> None:
        """Bring the tables up to date with who knocked."""
        changed, gone = self.knocks.take_changes()
        try:
            enrolled = await self._database.write(lambda c: save_knocks(c, changed, gone))
        except Exception:
            self.knocks.put_back(changed, gone)
            raise
        self.knocks.forget(enrolled)

    def reattach(self, agent: str) -> bool:
        """Let the holder of a quarantined key in again; false when it is not quarantined."""
        host = self._fleet.hosts.get(agent)
        if host is None or host.quarantined_at is None:
            return False
        quarantine.reattach(host)
        self._judge.feed(host, AGENT_CLONED, 0.0, self._now())
        return True

    def _changed(self, connection: Connection) -> tuple[AgentsVersion, list[AgentRow] | None]:
        version = housekeeping.agents_version(connection)
        return version, None if version == self._version else load_agents(connection)
