"""What is due of sessions: to sign the pre-check, to begin one, to close the log of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.due_list import DueItem
from collector.storage.queries.sessions import unsigned, waiting_for_people
from incidents.duties import DueState
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy

OWNER = "truc_ca"
NAMES = {
    "record": ("Ký biên bản kiểm tra trước phiên", "Sign the pre-check record of"),
    "start": ("Bắt đầu phiên", "Begin"),
    "close": ("Đóng nhật ký phiên", "Close the log of"),
}


def session_items(
    connection: Connection, policy: SessionPolicy, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return them as lines of the list of what is due."""
    found = [
        _item(session, "record", session.starts_at - policy.file.recorded_before, now)
        for session in unsigned(connection, viewer, now)
    ]
    for session in waiting_for_people(connection, viewer, now):
        is_over = session.stage is Stage.ENDED and session.over_at is not None
        due_at = session.starts_at
        if session.over_at is not None:
            due_at = session.over_at + policy.file.close_within
        found.append(_item(session, "close" if is_over else "start", due_at, now))
    return found


def _item(session: Session, term: str, due_at: datetime, now: datetime) -> DueItem:
    vi, en = NAMES[term]
    return DueItem(
        kind="session",
        code=str(session.id),
        term=term,
        name_vi=f"{vi}: {session.name}",
        name_en=f"{en}: {session.name}",
        owner=OWNER,
        mark="proposed",
        basis="",
        due_at=due_at,
        state=DueState.OVERDUE if due_at <= now else DueState.SOON,
    )
