"""Readiness of sessions: looked at, kept, signed, and the roll call that people answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from collector.session_facts import SessionFacts
from collector.storage import session_checks
from collector.storage import sessions as store
from collector.storage.queries.session_known import known_of
from collector.storage.queries.sessions import find_session
from incidents.actor import NOBODY
from incidents.conditions import Refused
from incidents.sessions.automatic import due_run
from incidents.sessions.cells import Verdict
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.readiness import board
from incidents.sessions.roll_call import BY_CODE, fits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from collector.fleet import Fleet
    from collector.services import ChangeFeed
    from collector.session_facts import Known
    from collector.storage.database import Database
    from incidents.actor import Viewer
    from incidents.sessions.model import Session, SessionClass
    from incidents.sessions.readiness import Board
    from incidents.sessions.thresholds import Thresholds

MACHINE = "machine:collector"


class Looked(NamedTuple):
    """A session and its board."""

    session: Session
    known: Known
    board: Board


class Answered(NamedTuple):
    """One answer of the roll call; `key` is the browser's own, the same when it is sent again."""

    points: tuple[int, ...]
    answer: str
    at: datetime
    note: str = ""
    key: str = ""


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
        self.facts = SessionFacts(fleet)

    async def look(self, number: int, viewer: Viewer, now: datetime) -> Looked | None:
        """Return the board of a session as it is now; None where there is none, or not for them."""
        session = await self._db.read(lambda c: find_session(c, number, viewer))
        return None if session is None else await self._look(session, viewer, now)

    async def check(
        self, number: int, actor: str, viewer: Viewer, now: datetime, *, key: str = ""
    ) -> int | None:
        """Look and keep what was found; return the record's number, None where there is none.

        Args:
            key: Of a check that is made once: one that is there already is not made again.
        """
        looked = await self.look(number, viewer, now)
        if looked is None:
            return None
        made = await self._db.write(lambda c: _keep(c, looked, actor, now, key))
        self._changes.publish("session", str(number))
        return made

    async def turn(self, now: datetime) -> float | None:
        """Make the checks that are due; each is made once, whenever the clock was stopped."""
        for session in await self._db.read(store.open_sessions):
            checks = tuple(self._checks(session))
            if due_run(session, checks, (), now) is None:
                continue
            keys = await self._db.read(partial(_keys, number=session.id))
            run = due_run(session, checks, keys, now)
            if run is not None:
                await self.check(session.id, MACHINE, NOBODY, now, key=run.key)
        return None

    async def answer(
        self, number: int, answers: Collection[Answered], actor: str, now: datetime
    ) -> int:
        """Keep what somebody answered; return how many answers are new.

        Raises:
            Refused: No such answer or point, or it is from the future.
        """
        said = await self._db.write(lambda c: _answer(c, number, answers, actor, now))
        self._changes.publish("session", str(number))
        return said

    async def sign(
        self, number: int, check: int, actor: str, now: datetime, note: str = ""
    ) -> bool:
        """Sign a record; return whether there is one."""
        done = await self._db.write(lambda c: _sign(c, number, check, actor, now, note))
        self._changes.publish("session", str(number))
        return done

    async def _look(self, session: Session, viewer: Viewer, now: datetime) -> Looked:
        by_point = self.facts.nodes(session)
        nodes = {node for of_point in by_point.values() for node in of_point}
        known = await self._db.read(lambda c: known_of(c, session, nodes, viewer))
        facts = self.facts.of(session, known, now)
        limits = self.thresholds(session.session_class)
        return Looked(session, known, board(session, facts, now, thresholds=limits))


def _keys(connection: Connection, number: int) -> set[str]:
    log = store.whole_log(connection, number)
    return {entry.key for entry in log if entry.kind is LogKind.CHECK and entry.key}


def _keep(
    connection: Connection, looked: Looked, actor: str, now: datetime, key: str
) -> int | None:
    session, found = looked.session, looked.board
    if store.find(connection, session.id, lock=True) is None:
        return None
    if key and store.known_keys(connection, session.id, [key]):
        return None
    number = session_checks.add(connection, session.id, found, actor)
    data = {
        "check": number,
        "verdict": found.verdict.value,
        **{
            verdict.value: sum(row.verdict is verdict for row in found.rows)
            for verdict in (Verdict.GO, Verdict.WARNING, Verdict.NOT_CHECKED, Verdict.NO_GO)
        },
    }
    entry = LogEntry(now, actor, LogKind.CHECK, code=found.moment.value, data=data, key=key)
    store.log(connection, session.id, [entry], now)
    return number


def _answer(
    connection: Connection,
    number: int,
    answers: Collection[Answered],
    actor: str,
    now: datetime,
) -> int:
    session = store.find(connection, number, lock=True)
    if session is None:
        raise _unknown_session(number)
    entries = []
    for one in answers:
        answer = BY_CODE.get(one.answer)
        if answer is None:
            listed = ", ".join(BY_CODE)
            raise Refused(
                f"Không có câu trả lời “{one.answer}”; cho phép: {listed}.",
                f"There is no answer {one.answer!r}; allowed: {listed}.",
                ["answer"],
            )
        for place in one.points:
            point = session.point(place)
            if point is None:
                raise Refused(
                    f"Phiên không có điểm cầu số {place}.",
                    f"The session has no point {place}.",
                    ["points"],
                )
            if fits(answer, point.way):
                entries.append(_entry(one, place, actor, now))
    known = store.known_keys(connection, number, [entry.key for entry in entries])
    new = [entry for entry in entries if entry.key not in known]
    store.log(connection, number, new, now)
    return len(new)


def _entry(one: Answered, place: int, actor: str, now: datetime) -> LogEntry:
    return LogEntry(
        min(one.at, now),
        actor,
        LogKind.ROLL_CALL,
        point=place,
        code=one.answer,
        text=one.note,
        key=f"{one.key}:{place}" if one.key else "",
    )


def _sign(
    connection: Connection, number: int, check: int, actor: str, now: datetime, note: str
) -> bool:
    found = session_checks.find(connection, number, check)
    if found is None:
        return False
    if session_checks.sign(connection, check, actor, now, note):
        data = {"check": check, "digest": found.digest}
        entry = LogEntry(now, actor, LogKind.SIGNED, code="pre_check", text=note, data=data)
        store.log(connection, number, [entry], now)
    return True


def _unknown_session(number: int) -> Refused:
    return Refused(f"Không có phiên số {number}.", f"There is no session {number}.", ["session"])
