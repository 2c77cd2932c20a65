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
        told = list(self.known.values())
        monotonic = self._monotonic()
        await asyncio.gather(*(one.tell(told, now, monotonic) for one in self.members))
        return LOOK_SECONDS

    async def close(self) -> None:
        """Let go of all connections."""
        await asyncio.gather(*(one.close() for one in self.members))
