"""What is due of sessions: to sign a pre-check, begin one, close its log, and report it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from collector.duties.due_list import DueItem
from collector.storage.queries.sessions import unsigned, waiting_for_people
from incidents.duties import DueState
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy

OWNER = "truc_ca"
NAMES = {
    "record": ("Ký biên bản kiểm tra trước phiên", "Sign the pre-check record of"),
    "start": ("Bắt đầu phiên", "Begin"),
    "close": ("Đóng nhật ký phiên", "Close the log of"),
    "report": ("Ký báo cáo phiên", "Sign the report of"),
}


def session_items(
    connection: Connection, policy: SessionPolicy, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return them as lines of the list of what is due."""
    records = [
        _item(session, "record", session.starts_at - policy.file.recorded_before, now)
        for session in unsigned(connection, viewer, now)
    ]
    waiting = waiting_for_people(connection, viewer, now)
    return records + [_item(session, *_next(session, policy), now) for session in waiting]


def _next(session: Session, policy: SessionPolicy) -> tuple[str, datetime]:
    """Return what a person has to do next, and by when."""
    if session.over_at is None:
        return "start", session.starts_at
    if session.closed_at is None:
        return "close", session.over_at + policy.file.close_within
    day = session.over_at.astimezone(ZONE).date() + timedelta(days=1)
    return "report", datetime.combine(day, time.min, ZONE).astimezone(UTC)


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
