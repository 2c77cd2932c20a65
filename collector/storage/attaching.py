"""What the service attaches to an incident by itself, and when: asked for with the entry itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, insert, select, update

from collector.storage.schema import alerts, attachments, entries, incidents
from incidents.state import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from incidents.timeline import Entry

AROUND = timedelta(hours=1)
# An incident that flaps does not fill the disk: this many openings and recoveries have samples.
MOST_CAUSES = 8
_CAUSES = (Kind.OPENED, Kind.RECOVERED)


class Due(NamedTuple):
    """One attachment that is due.

    Attributes:
        cause: The entry it belongs to; `kind` is what that entry says.
        after: Of the hour after the cause, not of the one before it.
    """

    incident: int
    code: str
    cause: int
    kind: str
    cause_at: datetime
    after: bool


def ask(connection: Connection, incident: int, entry: Entry) -> None:
    """Note what an entry asks to be attached: at once the hour before, an hour later the other."""
    if entry.kind not in _CAUSES:
        return
    mine = select(func.count()).where(attachments.c.incident == incident)
    if (connection.scalar(mine) or 0) >= MOST_CAUSES * 2:
        return
    rows = [
        {"incident": incident, "cause": entry.seq, "after": after, "due_at": due_at}
        for after, due_at in ((False, entry.at), (True, entry.at + AROUND))
    ]
    connection.execute(insert(attachments), rows)


def due(connection: Connection, now: datetime, *, limit: int) -> list[Due]:
    """Return what is due, the longest waiting first."""

    same = (entries.c.incident == attachments.c.incident) & (entries.c.seq == attachments.c.cause)
    query = (
        select(
            attachments.c.incident,
            incidents.c.code,
            attachments.c.cause,
            entries.c.kind,
            entries.c.at,
            attachments.c.after,
        )
        .join(incidents, incidents.c.id == attachments.c.incident)
        .join(entries, same)
        .where(attachments.c.done_at.is_(None), attachments.c.due_at <= now)
        .order_by(attachments.c.due_at)
        .limit(limit)
    )
    return [Due(*row) for row in connection.execute(query)]


def postpone(connection: Connection, attached: Due, until: datetime) -> None:
    """Try again later; others go on."""
    connection.execute(update(attachments).where(_is(attached)).values(due_at=until))


def done(connection: Connection, attached: Due, now: datetime) -> None:
    """Note that it is attached."""
    connection.execute(update(attachments).where(_is(attached)).values(done_at=now))


def _is(attached: Due) -> ColumnElement[bool]:
    return and_(
        attachments.c.incident == attached.incident,
        attachments.c.cause == attached.cause,
        attachments.c.after == attached.after,
    )


def agents_of(connection: Connection, incident: int, *, limit: int) -> list[str]:
    """Return the hosts whose alerts an incident is about, those it explains included."""
    mine = select(alerts.c.id).where(alerts.c.incident == incident)
    query = (
        select(alerts.c.agent)
        .where((alerts.c.incident == incident) | alerts.c.root_alert.in_(mine))
        .distinct()
        .order_by(alerts.c.agent)
        .limit(limit)
    )
    return list(connection.scalars(query))
