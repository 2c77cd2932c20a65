"""Sends a watcher's pages by its own channels, again and again until each is taken or given up."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from collector.watching.words import REASONS, write, write_public
from incidents.channel import PUBLIC
from incidents.outbox import DeliveryError, Message, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.watching.verdict import Act, Watched
    from incidents.channel import Channel
    from incidents.paging_policy import PagingPolicy
    from incidents.policy_parts import Severity

log = logging.getLogger(__name__)
SEVERITY: Severity = "S1"


class Pager:
    """The messages that still have to leave; they are few and live in memory.

    Args:
        jitter: Returns numbers from 0 to 1.
    """

    def __init__(
        self,
        policy: PagingPolicy,
        channels: Mapping[str, Channel],
        *,
        url: str,
        watcher: str,
        new_message_id: Callable[[], str],
        jitter: Callable[[], float],
    ) -> None:
        self._policy, self._channels = policy, dict(channels)
        self._url, self._watcher = url, watcher
        self._new_message_id, self._jitter = new_message_id, jitter
        self._waiting: dict[int, tuple[Message, datetime]] = {}
        self._number = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def say(self, act: Act, watched: Watched, now: datetime) -> None:
        """Queue a message to everybody who wants the worst severity.

        Whoever was not reached by the page of an outage that is over is told neither of it nor of
        its end.
        """
        unreached: set[tuple[str, str]] = set()
        if act == "recovered":
            unreached = {(m.channel, m.recipient) for m, _ in self._waiting.values()}
            self._waiting.clear()
        inside = write(act, watched, self._url, self._watcher, now)
        for recipient in self._policy.wanting(SEVERITY):
            if (recipient.channel, recipient.name) in unreached:
                continue
            self._number += 1
            reach = self._policy.reach_of(recipient.channel)
            words = write_public(act, now) if reach == PUBLIC else inside
            message = Message(
                id=self._number,
                channel=recipient.channel,
                recipient=recipient.name,
                address=recipient.address,
                kind="page",
                reason=str(REASONS[act]),
                severity=SEVERITY,
                incident="watch",
                message_id=self._new_message_id(),
                subject=words.subject,
                body=words.body,
                created_at=now,
                attempts=0,
                repeated=False,
                reach=reach,
            )
            self._waiting[message.id] = (message, now)

    async def turn(self, now: datetime) -> None:
        """Try every message that is due once; a slow channel holds up none of the others."""
        due = [message for message, due_at in self._waiting.values() if due_at <= now]
        await asyncio.gather(*(self._send(message, now) for message in due))

    async def _send(self, message: Message, now: datetime) -> None:
        tried = replace(message, attempts=message.attempts + 1)
        error: DeliveryError | None = None
        try:
            await self._channels[message.channel].send(tried)
        except DeliveryError as failed:
            error = failed
        except Exception as failed:  # noqa: BLE001 - one channel's fault must not end the watch
            text = f"{message.channel}: {type(failed).__name__}"
            error = DeliveryError(text, retryable=True, ambiguous=True)
        done = outcome(tried, error, self._policy.delivery, now, self._jitter())
        if error is not None:
            log.warning("page over %s (%s): %s", message.channel, done.status, error.reason)
        del self._waiting[message.id]
        if done.status == "pending":
            kept = replace(tried, repeated=done.repeated)
            self._waiting[message.id] = (kept, done.due_at)
        elif done.status == "failed":
            self.failed += 1
