"""Pre-check records in the tables: kept as they were, signed, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from collector.storage.session_check_tables import session_check_signatures, session_checks
from incidents.sessions import record
from incidents.sessions.record import CheckRecord, Signature

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row

    from incidents.sessions.readiness import Board


def add(connection: Connection, session: int, board: Board, actor: str) -> int:
    """Keep a board; return its number."""
    document = record.write(board)
    row = {
        "session": session, "at": board.at, "moment": board.moment.value, "actor": actor,
        "verdict": board.verdict.value, "document": document,
        "digest": record.digest_of(document),
    }  # fmt: skip
    done = connection.execute(insert(session_checks).values(row))
    (number,) = done.inserted_primary_key or (0,)
    return int(number)


def sign(connection: Connection, number: int, actor: str, now: datetime, note: str = "") -> bool:
    """Keep a signature; return whether it is the first of this person."""
    table = session_check_signatures.c
    known = select(table.actor).where(table.check_id == number, table.actor == actor)
    if connection.scalar(known) is not None:
        return False
    row = {"check_id": number, "actor": actor, "at": now, "note": note}
    connection.execute(insert(session_check_signatures).values(row))
    return True


def find(connection: Connection, session: int, number: int) -> CheckRecord | None:
    """Return one record of a session."""
    table = session_checks.c
    row = connection.execute(
        select(session_checks).where(table.id == number, table.session == session)
    ).first()
    return None if row is None else _record(connection, row)


def newest(connection: Connection, session: int, *, most: int = 20) -> list[CheckRecord]:
    """Return the last records of a session, the newest first."""
    table = session_checks.c
    query = select(session_checks).where(table.session == session)
    rows = connection.execute(query.order_by(table.at.desc(), table.id.desc()).limit(most)).all()
    return [_record(connection, row) for row in rows]


def _record(connection: Connection, row: Row[Any]) -> CheckRecord:
    table = session_check_signatures.c
    query = select(session_check_signatures).where(table.check_id == row.id).order_by(table.at)
    signatures = tuple(Signature(s.actor, s.at, s.note) for s in connection.execute(query))
    board = record.read(row.document)
    return CheckRecord(row.id, row.session, board, row.actor, row.digest, signatures)
