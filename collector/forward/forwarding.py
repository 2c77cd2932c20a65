"""All receivers of samples beside one another: each with its thread and its stored place."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from collector.forward.holders import Holders
from collector.forward.receiver import HttpReceiver
from collector.forward.sender import Sender
from collector.storage.forward import load_places, save_places

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.forward.receiver import Receiver
    from collector.forward.sender import Place
    from collector.forward.settings import RemoteWrite
    from collector.storage.database import Database
    from collector.stream import Stream

# How long what a receiver took may be sent to it once more after a kill.
STORE_SECONDS = 2.0
# A receiver may ask to be left alone for this long.
LONGEST_SECONDS = 300.0


class Work(NamedTuple):
    """An endless work: its turn, and the longest pause between two."""

    turn: Callable[[], Awaitable[float | None]]
    longest_seconds: float


class Forwarding:
    """The senders of this process; lives on the event loop, and they in threads of their own."""

    def __init__(
        self,
        senders: Sequence[Sender],
        database: Database,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.senders = senders
        self._database, self._now, self._monotonic = database, now, monotonic
        self._threads = {
            one.name: ThreadPoolExecutor(1, thread_name_prefix=f"receiver-{one.name}")
            for one in senders
        }
        self._stored: dict[str, Place] = {}
        self._stored_at = {one.name: monotonic() for one in senders}

    def works(self) -> dict[str, Work]:
        """Return the endless works by name."""
        return {
            f"receiver {one.name}": Work(partial(self.turn, one), LONGEST_SECONDS)
            for one in self.senders
        }

    async def turn(self, sender: Sender) -> float | None:
        """Let one sender do its turn, and store where it is now and then."""
        loop, thread = asyncio.get_running_loop(), self._threads[sender.name]
        seconds = await loop.run_in_executor(thread, sender.turn)
        if self._monotonic() - self._stored_at[sender.name] >= STORE_SECONDS:
            self._stored_at[sender.name] = self._monotonic()
            await self._store([sender])
        return seconds

    async def close(self) -> None:
        """Let go of every receiver and store what it has."""
        for sender in self.senders:
            sender.close()
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
        try:
            await self._store(self.senders)
        except SQLAlchemyError as error:
            logger.warning("where receivers of samples are cannot be stored: {}", error)

    async def _store(self, senders: Iterable[Sender]) -> None:
        places = {one.name: one.place for one in senders}
        changed = {name: place for name, place in places.items() if self._stored.get(name) != place}
        if changed:
            await self._database.write(lambda c: save_places(c, changed, self._now()))
            self._stored.update(changed)


def make_forwarding(
    settings: Sequence[RemoteWrite],
    database: Database,
    stream: Stream,
    fleet: Fleet,
    *,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
    jitter: Callable[[], float],
    receiver_of: Callable[[RemoteWrite], Receiver] = HttpReceiver,
) -> Forwarding:
    """Return what sends to every receiver of the settings, each from where it stopped."""
    places = database.read_now(load_places) if settings else {}
    senders = [
        Sender(
            one,
            receiver_of(one),
            stream,
            Holders(fleet),
            places.get(one.name),
            now=now,
            jitter=jitter,
        )
        for one in settings
    ]
    return Forwarding(senders, database, now=now, monotonic=monotonic)
