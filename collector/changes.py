"""Tells whoever watches which things changed; batches come at most once a second, or as wished."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["unit", "host", "alert", "worklist", "incident", "identity", "message", "session"]
Batch = dict[Kind, set[str]]
MIN_SPACING_SECONDS = 1.0


class Subscription:
    """One watcher's view: what changed since it last looked."""

    def __init__(self, monotonic: Callable[[], float], spacing_seconds: float) -> None:
        self._monotonic, self._spacing_seconds = monotonic, spacing_seconds
        self._waiting: Batch = {}
        self._has_news = asyncio.Event()
        self._not_before = 0.0

    def add(self, kind: Kind, id_: str) -> None:
        """Note a change."""
        self._waiting.setdefault(kind, set()).add(id_)
        self._has_news.set()

    async def next(self) -> Batch:
        """Return what changed, as soon as something has, and not right after the last batch."""
        await self._has_news.wait()
        await asyncio.sleep(max(0.0, self._not_before - self._monotonic()))
        self._not_before = self._monotonic() + self._spacing_seconds
        batch, self._waiting = self._waiting, {}
        self._has_news.clear()
        return batch


class Changes:
    """In-process broadcast of ids; a slow watcher gets bigger batches, never a longer queue.

    Attributes:
        on_incident: Called at once when an incident changed or a message was queued: it may leave.
        counts: How often each kind of thing changed: another number says to look again.
    """

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.on_incident: Callable[[], None] = lambda: None
        self.counts: Counter[Kind] = Counter()
        self._subscriptions: set[Subscription] = set()

    def publish(self, kind: Kind, id_: str) -> None:
        """Say that one thing changed."""
        self.counts[kind] += 1
        for subscription in self._subscriptions:
            subscription.add(kind, id_)
        if kind in ("incident", "message"):
            self.on_incident()

    @contextmanager
    def subscribe(self, spacing_seconds: float = MIN_SPACING_SECONDS) -> Iterator[Subscription]:
        """Watch while the block runs: `with changes.subscribe() as news: await news.next()`.

        Args:
            spacing_seconds: Between two batches, at the least.
        """
        subscription = Subscription(self._monotonic, spacing_seconds)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
