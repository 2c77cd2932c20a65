"""What became of calls and messages after they were taken: told to the collector, at leisure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.relay.memory import Sent

TRIES = 5
AGAIN_SECONDS = 10.0
# Nobody waits for a receipt: with the collector dead the oldest are let go.
MOST_WAITING = 200


class Receipts:
    """The newest word about each message, until the collector has it or it was tried enough.

    Args:
        tell: Returns whether it was taken; None: there is nobody to tell.
    """

    def __init__(self, tell: Callable[[Sent], Awaitable[bool]] | None) -> None:
        self._tell = tell
        self._waiting: dict[str, tuple[Sent, int]] = {}
        self._wake = asyncio.Event()

    def put(self, sent: Sent) -> None:
        """Have this told."""
        if self._tell is None:
            return
        self._waiting.pop(sent.id, None)
        self._waiting[sent.id] = (sent, 0)
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._wake.set()

    async def run(self) -> None:
        """Tell what waits, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for sent, tries in list(self._waiting.values()):
                await self._try(sent, tries)
            if self._waiting:
                await asyncio.sleep(AGAIN_SECONDS)
                self._wake.set()

    async def _try(self, sent: Sent, tries: int) -> None:
        is_told = self._tell is not None and await self._tell(sent)
        if self._waiting.get(sent.id, (sent, 0))[0] is not sent:
            return  # there is newer word of it
        if is_told or tries + 1 >= TRIES:
            self._waiting.pop(sent.id, None)
        else:
            self._waiting[sent.id] = (sent, tries + 1)
