"""The outbox sender for all channels: claim, send, settle; retry with back-off.

Each channel has its own queue and pace: a dead mail server does not delay the webhook. A claim is
committed before the message leaves, so a kill can repeat a message, but never lose one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from incidents.outbox import DeliveryError, Message, Outcome, check_reach, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from incidents.channel import Channel
    from incidents.paging_policy import DeliveryPolicy

__all__ = ["Delivery", "DeliveryError", "Message", "Outbox", "Outcome"]

# Channels keep their own limit; this much later it is taken from one that does not.
GRACE_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 30.0
SETTLE_AGAIN_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """Where messages wait; every method is one durable transaction."""

    async def recover(self) -> int:
        """Put what was being sent back, marked as repeated; return how many."""

    async def fail_unknown(self, channels: frozenset[str], now: datetime) -> int:
        """Fail what waits for a channel that is not configured; return how many."""

    async def release(self, channel: str) -> None:
        """Put back what was claimed and never sent, unmarked."""

    async def claim(self, channel: str, now: datetime, limit: int) -> list[Message]:
        """Mark due messages of a channel as being sent, the worst severity first; cancel what
        nobody wants any more."""

    async def settle(self, done: Outcome) -> None:
        """Write what became of an attempt."""

    async def next_due_at(self, channel: str) -> datetime | None:
        """Return when the next message of a channel is due."""


class Delivery:
    """Sends what is due.

    Attributes:
        turns: How often each channel has looked at the outbox.

    Args:
        jitter: Returns numbers from 0 to 1.
    """

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        policy: DeliveryPolicy,
        *,
        jitter: Callable[[], float],
    ) -> None:
        self._outbox = outbox
        self._channels = dict(channels)
        self._policy = policy
        self._jitter = jitter
        self._wake = {name: asyncio.Event() for name in self._channels}
        self._unsettled: dict[str, list[Outcome]] = {name: [] for name in self._channels}
        self._in_doubt: set[str] = set()
        self.turns = dict.fromkeys(self._channels, 0)
        self._is_stopping = False

    async def recover(self, now: datetime) -> int:
        """Call once at start-up, before the first turn: what was being sent goes again, marked.

        Returns how many messages may arrive twice.
        """
        again = await self._outbox.recover()
        await self.fail_unknown(now)
        return again

    async def fail_unknown(self, now: datetime) -> None:
        """Fail what waits for a channel that this policy does not have: call it after a reload."""
        await self._outbox.fail_unknown(frozenset(self._channels), now)

    async def turn(self, now: datetime) -> datetime | None:
        """Send what is due on every channel and wait for it; return when to look again."""
        turns = [self.turn_of(name, now) for name in self._channels]
        return min((at for at in await asyncio.gather(*turns) if at is not None), default=None)

    async def turn_of(self, channel: str, now: datetime) -> datetime | None:
        """Send what is due on one channel; return when to look at it again."""
        await self._settle_again(channel)
        while await self._send_some(channel, now):
            pass
        return await self._outbox.next_due_at(channel)

    def wake(self) -> None:
        """Look at every channel now: call it after a transaction that may have queued messages."""
        for event in self._wake.values():
            event.set()

    def stop(self) -> None:
        """Claim nothing more; `serve` ends when what is being sent is settled."""
        self._is_stopping = True
        self.wake()

    async def serve(self, now: Callable[[], datetime]) -> None:
        """Send until stopped, each channel at its own pace."""
        async with asyncio.TaskGroup() as channels:
            for name in self._channels:
                channels.create_task(self._serve_one(name, now), name=f"delivery of {name}")

    async def _serve_one(self, channel: str, now: Callable[[], datetime]) -> None:
        while not self._is_stopping:
            self._wake[channel].clear()
            try:
                await self._settle_again(channel)
                # By the clock of each batch: a page that is queued meanwhile waits for one alone.
                while await self._send_some(channel, now()):
                    pass
                due_at = await self._outbox.next_due_at(channel)
            except Exception:  # noqa: BLE001 - a locked or full disk must not end the loop
                _log.exception("delivery over %s: the outbox cannot be used; next try", channel)
                due_at = None
            await self._rest(channel, due_at, now())
        while self._unsettled[channel]:
            try:
                await self._settle_again(channel)
            except Exception:  # noqa: BLE001 - said before; sent again otherwise
                await asyncio.sleep(SETTLE_AGAIN_SECONDS)

    async def _send_some(self, channel: str, now: datetime) -> bool:
        """Claim and send a few, the worst first; say whether there may be more."""
        if self._is_stopping:
            return False
        if channel in self._in_doubt:
            await self._outbox.release(channel)
            self._in_doubt.discard(channel)
        try:
            messages = await self._outbox.claim(channel, now, self._channels[channel].at_once)
        except Exception:
            self._in_doubt.add(channel)  # they may be claimed although nobody was told
            raise
        self.turns[channel] += 1
        await asyncio.gather(*(self._send(channel, message, now) for message in messages))
        return bool(messages)

    async def _rest(self, channel: str, due_at: datetime | None, now: datetime) -> None:
        wait = LONGEST_WAIT_SECONDS
        if due_at is not None:
            wait = min(wait, max(0.05, (due_at - now).total_seconds()))
        try:
            async with asyncio.timeout(wait):
                await self._wake[channel].wait()
        except TimeoutError:
            return

    async def _send(self, channel: str, message: Message, now: datetime) -> None:
        error: DeliveryError | None = None
        receipt, sender = "", self._channels[channel]
        limit_seconds = sender.limit_seconds + GRACE_SECONDS
        try:
            check_reach(message, sender.reach)
            async with asyncio.timeout(limit_seconds):
                receipt = await sender.send(message)
        except DeliveryError as failed:
            error = failed
        except TimeoutError:
            text = f"{channel}: no answer within {limit_seconds:g} s"
            error = DeliveryError(text, retryable=True, ambiguous=True)
        except Exception as unexpected:  # noqa: BLE001 - one channel's bug must not stop the rest
            text = f"{channel}: {type(unexpected).__name__}"
            error = DeliveryError(text, retryable=True, ambiguous=True)
        done = outcome(message, error, self._policy, now, self._jitter(), receipt)
        if error is not None:
            _log.warning("message %s (%s): %s", message.message_id, done.status, error.reason)
        await self._settle(channel, done)

    async def _settle(self, channel: str, done: Outcome) -> None:
        """Write an outcome; if that fails it is kept, or the message would be sent again."""
        try:
            await self._outbox.settle(done)
        except Exception:  # noqa: BLE001 - what left must not be sent again because a disk is full
            _log.exception("the outcome of message %s could not be written; kept", done.id)
            self._unsettled[channel].append(done)

    async def _settle_again(self, channel: str) -> None:
        while self._unsettled[channel]:
            await self._outbox.settle(self._unsettled[channel][0])
            self._unsettled[channel].pop(0)
