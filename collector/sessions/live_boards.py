"""The live boards: what every point of a session shows, made once for all who look at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.sessions.facts import LIVE_OLD_SECONDS, Known, SessionFacts
from collector.storage.queries.session_known import alarms_of, said_of
from collector.storage.queries.sessions import find_session, log_of
from incidents.sessions.check import Asked
from incidents.sessions.live import METRICS, open_symptoms, tile
from incidents.sessions.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.storage.database import Database
    from incidents.actor import Viewer
    from incidents.sessions.facts import Said
    from incidents.sessions.live import Alarm, Symptom, Tile
    from incidents.sessions.model import Session, SessionClass
    from incidents.sessions.thresholds import Thresholds

# How long a board stands before it is made anew; several who look share it.
SPACING = timedelta(seconds=0.3)
# A tile is made anew when a value of it came, and this often in any case: values grow old.
STANDS = timedelta(seconds=3)
# What people log is read again when something was logged, and this often in any case.
REREAD = timedelta(seconds=15)
FORGOTTEN = timedelta(minutes=5)


class Board(NamedTuple):
    """All tiles of a session, in calling order, and its open incidents, the newest first."""

    session: Session
    at: datetime
    tiles: tuple[Tile, ...]
    alarms: tuple[Alarm, ...] = ()


@dataclass(slots=True)
class _Kept:
    session: Session
    said: Mapping[int, tuple[Said, ...]]
    symptoms: Mapping[int, tuple[Symptom, ...]]
    alarms: tuple[Alarm, ...]
    read_at: datetime
    board: Board | None = None
    newest: Mapping[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class LiveBoards:
    """Makes boards on the event loop; only what people wrote comes out of the tables."""

    db: Database
    fleet: Fleet
    thresholds: Callable[[SessionClass], Thresholds]
    _kept: dict[tuple[int, frozenset[str] | None], _Kept] = field(default_factory=dict)

    def wrote(self, number: int) -> None:
        """Note that something was written about a session: the next board reads it."""
        for key in [key for key in self._kept if key[0] == number]:
            del self._kept[key]

    async def board(self, number: int, viewer: Viewer, now: datetime) -> Board | None:
        """Return the board of a session; None where there is none, or not for them."""
        key = (number, viewer.units)
        kept = self._kept.get(key)
        if kept is None or now - kept.read_at >= REREAD:
            kept = await self._read(number, viewer, now)
            if kept is None:
                self._kept.pop(key, None)
                return None
            self._forget(now)
            self._kept[key] = kept
        if kept.board is None or now - kept.board.at >= SPACING:
            kept.board = self._made(kept, now)
        return kept.board

    def _forget(self, now: datetime) -> None:
        """Let go of boards at which nobody looks."""
        for key in [key for key, kept in self._kept.items() if now - kept.read_at > FORGOTTEN]:
            del self._kept[key]

    async def _read(self, number: int, viewer: Viewer, now: datetime) -> _Kept | None:
        session = await self.db.read(lambda c: find_session(c, number, viewer))
        if session is None:
            return None
        entries = await self.db.read(lambda c: log_of(c, number, viewer))
        alarms = await self.db.read(lambda c: alarms_of(c, number, viewer))
        return _Kept(session, said_of(entries), open_symptoms(entries), alarms, now)

    def _made(self, kept: _Kept, now: datetime) -> Board:
        """Return a board; a tile of which nothing came stands for a moment as it is."""
        session = kept.session
        limits = self.thresholds(session.session_class)
        asked = Asked(session, moment_of(session, now), limits, now)
        reader = SessionFacts(self.fleet, least_old_seconds=LIVE_OLD_SECONDS, only=METRICS)
        newest = {point.order: reader.newest_at(point) for point in session.points}
        former = {} if kept.board is None else {one.point.order: one for one in kept.board.tiles}
        stale = [
            point
            for point in session.points
            if point.order not in former
            or kept.newest.get(point.order) != newest[point.order]
            or now - former[point.order].at >= STANDS
        ]
        facts = reader.of(session, Known(said=kept.said), now, around=False, points=stale)
        made = {
            one.point.order: tile(one, kept.symptoms.get(one.point.order, ()), asked)
            for one in facts
        }
        kept.newest = newest
        tiles = former | made
        return Board(session, now, tuple(tiles[order] for order in sorted(tiles)), kept.alarms)
