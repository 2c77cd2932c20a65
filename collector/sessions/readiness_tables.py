"""What readiness writes into the tables: records, answers of the roll call, signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.storage import session_checks
from collector.storage import sessions as store
from incidents.conditions import Refused
from incidents.sessions.cells import Verdict
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.roll_call import BY_CODE, fits

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.sessions.facts import Known
    from incidents.sessions.model import Session
    from incidents.sessions.readiness import Board


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


def is_known(connection: Connection, number: int, key: str) -> bool:
    """Say whether a check of this key was made."""
    return bool(store.known_keys(connection, number, [key]))


def keys(connection: Connection, number: int) -> set[str]:
    """Return the keys of the checks of a session that were made once."""
    log = store.whole_log(connection, number)
    return {entry.key for entry in log if entry.kind is LogKind.CHECK and entry.key}


def keep(connection: Connection, looked: Looked, actor: str, now: datetime, key: str) -> int | None:
    """Keep a board and note it in the log; return its number, None where it is there already."""
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


def answer(
    connection: Connection,
    number: int,
    answers: Collection[Answered],
    actor: str,
    now: datetime,
) -> int:
    """Keep answers of the roll call; return how many are new.

    Raises:
        Refused: No such session, answer or point.
    """
    session = store.find(connection, number, lock=True)
    if session is None:
        raise _unknown_session(number)
    entries = []
    for one in answers:
        found = BY_CODE.get(one.answer)
        if found is None:
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
            if fits(found, point.way):
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


def sign(
    connection: Connection, number: int, check: int, actor: str, now: datetime, note: str
) -> bool:
    """Sign a record; return whether there is one."""
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
