"""Secrets that open the board of one session, to look at, while it goes on; only digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.storage.session_check_tables import session_boards
from collector.storage.session_tables import conference_sessions
from collector.storage.sessions import OPEN

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def add(connection: Connection, digest: str, session: int, actor: str, now: datetime) -> None:
    """Keep a secret's digest; one that is there already stays as it is."""
    known = select(session_boards.c.digest).where(session_boards.c.digest == digest)
    if connection.scalar(known) is None:
        row = {"digest": digest, "session": session, "made_by": actor, "made_at": now}
        connection.execute(insert(session_boards).values(row))


def opened_by(connection: Connection, digest: str, session: int) -> str | None:
    """Return who made a secret of this session; None when it is not, was ended, or it is over."""
    board, of = session_boards.c, conference_sessions.c
    query = (
        select(board.made_by)
        .join_from(session_boards, conference_sessions, of.id == board.session)
        .where(board.digest == digest, board.session == session, board.ended_at.is_(None))
        .where(of.stage.in_([stage.value for stage in OPEN]))
    )
    found = connection.scalar(query)
    return None if found is None else str(found)


def end_all(connection: Connection, session: int, now: datetime) -> int:
    """End every secret of a session; return how many."""
    board = session_boards.c
    statement = (
        update(session_boards)
        .where(board.session == session, board.ended_at.is_(None))
        .values(ended_at=now)
    )
    return connection.execute(statement).rowcount
