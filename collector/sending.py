"""Delivery over a reload and to the end: what is being sent is never cut short to be sent again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from loguru import logger

from collector.storage.outbox_store import OutboxStore
from incidents.channel import Means
from incidents.channels import build_channels
from incidents.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.storage.database import Database
    from incidents.ack_links import AckLinks
    from incidents.channel import Channel
    from incidents.paging_policy import PagingPolicy

WEBHOOK_SECONDS = 10.0
GRACE_SECONDS = 3.0


class Sending:
    """The delivery of the policy in force, and those before it that still end."""

    def __init__(
        self,
        database: Database,
        acks: AckLinks,
        *,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self._database, self._acks, self._now, self._jitter = database, acks, now, jitter
        self._webhooks = httpx.AsyncClient(timeout=WEBHOOK_SECONDS, follow_redirects=False)
        self._delivery: Delivery | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def channels(self, policy: PagingPolicy) -> dict[str, Channel]:
        """Build the channels of a policy.

        Raises:
            OSError: A file that holds a secret cannot be read.
        """
        return build_channels(policy, Means(_read_secret, self._webhooks))

    @property
    def turns(self) -> int | None:
        """How often the slowest channel has looked at the outbox; None without channels."""
        turns = {} if self._delivery is None else self._delivery.turns
        return min(turns.values(), default=None)

    def wake(self) -> None:
        """Say that messages may have been queued."""
        if self._delivery is not None:
            self._delivery.wake()

    async def start(self, channels: dict[str, Channel], policy: PagingPolicy) -> None:
        """Send by these channels from now on; what is just being sent goes on to its end."""
        before = self._delivery
        outbox = OutboxStore(self._database, policy.storm, dress=self._acks.dress)
        delivery = Delivery(outbox, channels, policy.delivery, jitter=self._jitter)
        if before is not None:
            before.stop()
        elif again := await delivery.recover(self._now()):
            logger.warning("{} messages may arrive twice; they are marked", again)
        self._delivery = delivery
        task = asyncio.create_task(self._serve(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let what is being sent end, for a moment: cut short, it would have to go again."""
        if self._delivery is not None:
            self._delivery.stop()
        if ending := set(self._tasks):
            _, cut_short = await asyncio.wait(ending, timeout=GRACE_SECONDS)
            for task in cut_short:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
        await self._webhooks.aclose()

    async def _serve(self, delivery: Delivery) -> None:
        """Send until another takes over; then nothing may be left for a channel that is gone."""
        await self._fail_unknown(delivery)
        await delivery.serve(self._now)
        if self._delivery is not None and self._delivery is not delivery:
            await self._fail_unknown(self._delivery)

    async def _fail_unknown(self, delivery: Delivery) -> None:
        try:
            await delivery.fail_unknown(self._now())
        except Exception as error:  # noqa: BLE001 - the channels that there are must go on
            logger.error("messages for a channel that is gone could not be failed: {}", error)


def _read_secret(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise OSError(f"{path}: not UTF-8 text: {error}") from error
