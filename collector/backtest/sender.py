"""Where messages leave a run: the production delivery over channels that lead nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.storage.outbox_store import OutboxStore
from incidents.delivery import Delivery

if TYPE_CHECKING:
    from datetime import datetime

    from collector.backtest.apart import TablesApart
    from incidents.channel import Reach
    from incidents.outbox import Message
    from incidents.paging_policy import PagingPolicy


SOON = timedelta(seconds=1)


class Nowhere:
    """A channel that takes every message at once and hands it to nobody."""

    limit_seconds = 1.0
    at_once = 50

    def __init__(self, reach: Reach) -> None:
        self.reach = reach

    async def send(self, _message: Message) -> str:
        """Return as a receiver that says nothing."""
        return ""


class Sender:
    """Takes what is due out of the outbox of a run.

    Attributes:
        due_at: When the next message is due, as of the last turn.
    """

    def __init__(self, tables: TablesApart, policy: PagingPolicy) -> None:
        channels = {name: Nowhere(one.reach) for name, one in policy.channels.items()}
        outbox = OutboxStore(tables, policy.storm)
        self._delivery = Delivery(outbox, channels, policy.delivery, jitter=lambda: 0.0)
        self.due_at: datetime | None = None

    async def turn(self, now: datetime) -> None:
        """Let everything leave that is due."""
        due_at = await self._delivery.turn(now)
        self.due_at = None if due_at is None else max(due_at, now + SOON)
