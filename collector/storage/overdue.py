"""What waits longest in the tables of the desk, whoever should have taken it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from collector.storage.schema import deadlines, entries, incidents, outbox
from incidents.stuck import Overdue

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

WORST = ("S1", "S2")
MISSED = "deadline_missed"
LEFT = ("sent", "merged")


def overdue(connection: Connection, now: datetime) -> Overdue:
    """Return what waits longest of each kind; every query stops at its first row."""
    turn = select(func.min(incidents.c.next_turn_at)).where(incidents.c.next_turn_at <= now)
    sending = select(func.min(outbox.c.claimed_at)).where(outbox.c.status == "sending")
    message = select(func.min(outbox.c.due_at)).where(
        outbox.c.status == "pending", outbox.c.due_at <= now
    )
    return Overdue(
        turn_due_at=connection.scalar(turn),
        message_due_at=connection.scalar(message),
        sending_since=connection.scalar(sending),
        deadline=_deadline(connection, now),
        page=_page(connection),
    )


def _deadline(connection: Connection, now: datetime) -> tuple[str, str, datetime] | None:
    """Return a term that passed while it ran, with no entry that says so."""
    is_told = exists().where(
        entries.c.incident == deadlines.c.incident,
        entries.c.kind == MISSED,
        entries.c.at >= deadlines.c.due_at,
    )
    query = (
        select(incidents.c.code, deadlines.c.name_vi, deadlines.c.due_at, incidents.c.readers)
        .join(incidents, incidents.c.id == deadlines.c.incident)
        .where(
            deadlines.c.due_at <= now,
            deadlines.c.met_at.is_(None),
            deadlines.c.stopped_at.is_(None),
            deadlines.c.paused_since.is_(None),
            deadlines.c.on_list == "",
            ~is_told,
        )
        .order_by(deadlines.c.due_at)
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    code, name = (row.code, row.name_vi) if row.readers is None else ("", "")
    return code, name, row.due_at


def _page(connection: Connection) -> tuple[str, datetime] | None:
    """Return the worst incident whose pages wait or failed, all of them."""
    other = outbox.alias()
    has_left = exists().where(
        other.c.incident == incidents.c.id, other.c.kind == "page", other.c.status.in_(LEFT)
    )
    query = (
        select(incidents.c.code, incidents.c.readers, func.min(outbox.c.created_at).label("since"))
        .join(outbox, outbox.c.incident == incidents.c.id)
        .where(
            incidents.c.ended.is_(False),
            incidents.c.acknowledged_at.is_(None),
            incidents.c.severity.in_(WORST),
            outbox.c.kind == "page",
            outbox.c.held == "",
            outbox.c.status.in_(("pending", "sending", "failed")),
            ~has_left,
        )
        .group_by(incidents.c.code, incidents.c.readers)
        .order_by(func.min(outbox.c.created_at))
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return (row.code if row.readers is None else ""), row.since
