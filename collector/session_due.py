"""What is due of sessions: to begin one, to close the log of one that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.due_list import DueItem
from collector.storage.queries.sessions import waiting_for_people
from incidents.duties import DueState
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.policy import SessionPolicy

OWNER = "truc_ca"


def session_items(
    connection: Connection, policy: SessionPolicy, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return them as lines of the list of what is due."""
    found = []
    for session in waiting_for_people(connection, viewer, now):
        is_over = session.stage is Stage.ENDED and session.over_at is not None
        due_at = session.starts_at
        if session.over_at is not None:
            due_at = session.over_at + policy.file.close_within
        vi = "Đóng nhật ký phiên" if is_over else "Bắt đầu phiên"
        en = "Close the log of" if is_over else "Begin"
        found.append(
            DueItem(
                kind="session",
                code=str(session.id),
                term="close" if is_over else "start",
                name_vi=f"{vi}: {session.name}",
                name_en=f"{en}: {session.name}",
                owner=OWNER,
                mark="proposed",
                basis="",
                due_at=due_at,
                state=DueState.OVERDUE if due_at <= now else DueState.SOON,
            )
        )
    return found
