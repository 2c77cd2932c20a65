"""Readiness of sessions: looked at, kept, signed, and the roll call that people answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from collector.sessions import readiness_tables as tables
from collector.sessions.facts import SessionFacts
from collector.sessions.pre_checks import LONGEST_LEAD, PreChecks, Record
from collector.sessions.readiness_tables import Looked
from collector.storage import sessions as store
from collector.storage.queries.session_known import known_of
from collector.storage.queries.sessions import find_session
from incidents.actor import NOBODY
from incidents.sessions.automatic import due_run
from incidents.sessions.readiness import board

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime, timedelta

    from collector.fleet import Fleet
    from collector.services import ChangeFeed
    from collector.sessions.pre_checks import Asking
    from collector.sessions.readiness_tables import Answered
    from collector.storage.database import Database
    from incidents.actor import Viewer
    from incidents.sessions.model import Session, SessionClass
    from incidents.sessions.thresholds import Thresholds

MACHINE = "machine:collector"
# While points are asked: what comes is seen soon, and the next are asked.
NEXT_TURN_SECONDS = 1.0


class Begun(NamedTuple):
    """What a wish for a check led to: a record at once, or points that are asked first."""

    record: int | None = None
    asking: Asking | None = None


class ReadinessDesk:
    """Gathers facts on the event loop and reads and writes tables in their threads.

    Args:
        thresholds: Returns the limits of a class of session.
        checks: Returns how long before its beginning the points of a session are looked at.
    """

    def __init__(
        self,
        db: Database,
        fleet: Fleet,
        changes: ChangeFeed,
        thresholds: Callable[[SessionClass], Thresholds],
        checks: Callable[[Session], Iterable[timedelta]],
    ) -> None:
        self._db, self._changes = db, changes
        self.thresholds, self._checks = thresholds, checks
        self._fleet = fleet
        self.under_way = PreChecks(fleet)

    async def look(self, number: int, viewer: Viewer, now: datetime) -> Looked | None:
        """Return the board of a session as it is now; None where there is none, or not for them."""
        session = await self._db.read(lambda c: find_session(c, number, viewer))
        if session is None:
            return None
        return await self._look(session, viewer, now, self.under_way.of(number))

    async def ask(
        self, number: int, actor: str, viewer: Viewer, now: datetime, *, key: str = ""
    ) -> Begun:
        """Ask the points of a session anew and keep what is found; at once where none can be asked.

        Args:
            key: Of a check that is made once: one that is there already is not made again.
        """
        session = await self._db.read(lambda c: find_session(c, number, viewer))
        if session is None or (
            key and await self._db.read(lambda c: tables.is_known(c, number, key))
        ):
            return Begun()
        record = Record(actor, viewer, key)
        if not self.under_way.lead(session):
            return Begun(await self._check(number, record, now, None))
        asking = self.under_way.begin(session, record, now, now)
        self._changes.publish("session", str(number))
        return Begun(None, asking)

    async def turn(self, now: datetime) -> float | None:
        """Ask the points of sessions whose checks are near, and make the records of those asked.

        Each check is made once, whenever the clock was stopped.
        """
        for session in await self._db.read(store.open_sessions):
            checks = tuple(self._checks(session))
            if due_run(session, checks, (), now, LONGEST_LEAD) is not None:
                await self._begin_due(session.id, checks, now)
        before = self.under_way.counts
        done = self.under_way.turn(now)
        for number, count in self.under_way.counts.items():
            if before.get(number) != count:
                self._changes.publish("session", str(number))
        for asking in done:
            for record in asking.records:
                await self._check(asking.session, record, now, asking)
        return NEXT_TURN_SECONDS if self.under_way.counts else None

    async def _begin_due(self, number: int, checks: Iterable[timedelta], now: datetime) -> None:
        keys = await self._db.read(partial(tables.keys, number=number))
        session = await self._db.read(lambda c: store.find(c, number))
        run = None if session is None else due_run(session, checks, keys, now, LONGEST_LEAD)
        if session is None or run is None:
            return
        if now >= run.at - self.under_way.lead(session):
            self.under_way.begin(session, Record(MACHINE, NOBODY, run.key), now, run.at)

    async def _check(
        self, number: int, record: Record, now: datetime, asking: Asking | None
    ) -> int | None:
        """Look and keep what was found; return the record's number, None where there is none."""
        session = await self._db.read(lambda c: find_session(c, number, record.viewer))
        if session is None or (asking is not None and session.is_over):
            return None
        looked = await self._look(session, record.viewer, now, asking)
        made = await self._db.write(lambda c: tables.keep(c, looked, record.actor, now, record.key))
        self._changes.publish("session", str(number))
        return made

    async def answer(
        self, number: int, answers: Collection[Answered], actor: str, now: datetime
    ) -> int:
        """Keep what somebody answered; return how many answers are new.

        Raises:
            Refused: No such answer or point, or it is from the future.
        """
        said = await self._db.write(lambda c: tables.answer(c, number, answers, actor, now))
        self._changes.publish("session", str(number))
        return said

    async def sign(
        self, number: int, check: int, actor: str, now: datetime, note: str = ""
    ) -> bool:
        """Sign a record; return whether there is one."""
        done = await self._db.write(lambda c: tables.sign(c, number, check, actor, now, note))
        self._changes.publish("session", str(number))
        return done

    async def _look(
        self, session: Session, viewer: Viewer, now: datetime, asking: Asking | None
    ) -> Looked:
        """Return a board; what was asked anew and has not come since is not checked."""
        targets = () if asking is None else asking.targets
        asked = {} if asking is None else dict.fromkeys(targets, asking.begun_at.timestamp())
        reader = SessionFacts(self._fleet, asked=asked)
        by_point = reader.nodes(session)
        nodes = {node for of_point in by_point.values() for node in of_point}
        known = await self._db.read(lambda c: known_of(c, session, nodes, viewer))
        facts = reader.of(session, known, now)
        limits = self.thresholds(session.session_class)
        return Looked(session, known, board(session, facts, now, thresholds=limits))
