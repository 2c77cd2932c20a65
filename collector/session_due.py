"""What is due of sessions: to begin one, to close the log of one that has ended, to report it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from collector.due_list import DueItem
from collector.storage.queries.sessions import waiting_for_people
from incidents.duties import DueState
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy

OWNER = "truc_ca"


def session_items(
    connection: Connection, policy: SessionPolicy, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return them as lines of the list of what is due."""
    return [_item(session, policy, now) for session in waiting_for_people(connection, viewer, now)]


def _item(session: Session, policy: SessionPolicy, now: datetime) -> DueItem:
    if session.over_at is None:
        term, vi, en, due_at = "start", "Bắt đầu phiên", "Begin", session.starts_at
    elif session.closed_at is None:
        due_at = session.over_at + policy.file.close_within
        term, vi, en = "close", "Đóng nhật ký phiên", "Close the log of"
    else:
        day = session.over_at.astimezone(ZONE).date() + timedelta(days=1)
        due_at = datetime.combine(day, time.min, ZONE).astimezone(UTC)
        term, vi, en = "report", "Ký báo cáo phiên", "Sign the report of"
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
