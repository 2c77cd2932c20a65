"""The watchers of this collector as its process knows them: asked by, missed, and said so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.access import digest_of
from collector.metrics.own import WATCHER_UP
from collector.storage.watchers import load_watchers, save_seen
from collector.watching.board import Standing, WatcherBoard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.judge import Judge
    from collector.storage.database import Database

SAVE_SECONDS = 60.0


class WatchDesk:
    """Lives on the event loop alone.

    Attributes:
        standings: How each watcher was at the last turn.
    """

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        judge: Judge,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._database, self._fleet, self._judge = database, fleet, judge
        self._now, self._monotonic = now, monotonic
        self._board = WatcherBoard(monotonic())
        self._saved_at = monotonic()
        self.standings: Mapping[str, Standing] = {}

    def seen(self, token: str, every_seconds: float) -> str | None:
        """Note that the holder of a token asked, as they mean to every so often; return who."""
        if not token:
            return None
        return self._board.note(digest_of(token), self._monotonic(), every_seconds)

    async def refresh(self) -> None:
        """Take over from the tables who is expected."""
        watchers = await self._database.read(load_watchers)
        for name in self._board.set_watchers(watchers, self._monotonic()):
            self._judge.forget_value(self._fleet.own, WATCHER_UP, _labels(name), self._now())

    async def turn(self) -> None:
        """Tell the rules who is up and who is missed, and the tables who asked."""
        monotonic = self._monotonic()
        self.standings = self._board.turn(monotonic, is_heard=self._is_heard)
        for name, standing in self.standings.items():
            if standing in (Standing.UP, Standing.SILENT):
                value = float(standing is Standing.UP)
                self._judge.feed(self._fleet.own, WATCHER_UP, value, self._now(), _labels(name))
        if monotonic - self._saved_at >= SAVE_SECONDS and (names := self._board.take_seen()):
            self._saved_at = monotonic
            await self._database.write(lambda c: save_seen(c, names, self._now()))

    def _is_heard(self, unit: str, seconds: float) -> bool:
        """Say whether a host of the unit was heard lately; a unit without hosts cannot be cut."""
        since = self._now() - timedelta(seconds=seconds)
        reports = [host.last_report_at for host in self._fleet.approved() if host.unit == unit]
        return not reports or any(at is not None and at > since for at in reports)


def _labels(name: str) -> tuple[tuple[str, str], ...]:
    return (("watcher", name),)
