"""Tells all Alertmanagers what fires, and for a while what ended; goes on after a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from collector.alerts_out.ledger import follow
from collector.alerts_out.member import Member
from collector.storage.sent_alerts import load_sent, load_wanted, save_sent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from collector.alerts_out.ledger import Sent
    from collector.alerts_out.settings import Alertmanager
    from collector.storage.database import Database

LOOK_SECONDS = 2.0
# One that takes longer goes on by itself, and nobody waits for it.
PATIENCE_SECONDS = 2.0


class AlertsOut:
    """Its turn is called every few seconds; without any Alertmanager it does nothing.

    Attributes:
        members: All of the cluster: each is told everything, for they do not tell one another.
        known: What they are told, by fingerprint.
    """

    def __init__(
        self,
        settings: Sequence[Alertmanager],
        database: Database,
        *,
        pause: timedelta,
        console_url: str,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.members = [Member(one, pause) for one in settings]
        self._database, self._console_url = database, console_url
        self._now, self._monotonic = now, monotonic
        self.known: dict[str, Sent] | None = None
        self._telling: dict[str, asyncio.Task[None]] = {}

    async def turn(self) -> float | None:
        """Find out what changed, keep it, and tell whoever does not know it yet."""
        if not self.members:
            return None
        now = self._now()
        if self.known is None:  # what was told before our start, its ends, too
            self.known = await self._database.read(load_sent)
        wanted = await self._database.read(lambda c: load_wanted(c, self._console_url))
        followed = follow(self.known, wanted, now)
        if followed.changed or followed.forgotten:
            await self._database.write(lambda c: save_sent(c, followed))
            for name in followed.forgotten:
                del self.known[name]
            self.known |= {one.fingerprint: one for one in followed.changed}
        await self._tell(list(self.known.values()), now)
        return LOOK_SECONDS

    async def _tell(self, told: list[Sent], now: datetime) -> None:
        """Tell every member that is not being told yet: one that hangs delays itself alone."""
        monotonic = self._monotonic()
        begun = {
            one.name: asyncio.create_task(one.tell(told, now, monotonic))
            for one in self.members
            if one.name not in self._telling
        }
        self._telling |= begun
        if begun:
            await asyncio.wait(begun.values(), timeout=PATIENCE_SECONDS)
        done = [name for name, task in self._telling.items() if task.done()]
        for task in [self._telling.pop(name) for name in done]:
            task.result()  # a fault of ours is heard of

    async def close(self) -> None:
        """Let go of all connections."""
        for task in self._telling.values():
            task.cancel()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)
        self._telling.clear()
        await asyncio.gather(*(one.close() for one in self.members))
