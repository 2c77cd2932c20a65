"""Why was I (not) paged: every decision of an incident with its reason, every attempt to send."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from collector.storage.queries.alerts import children_of_incident
from collector.storage.queries.visibility import Viewer
from collector.storage.schema import attempts, decisions, outbox

EXPLAINED = "explained"
WhyKind = Literal["decision", "attempt", "explained"]


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One line of the answer.

    Attributes:
        kind: A decision, an attempt to send, or an alert that this incident explains and that is
            therefore told to nobody by itself.
        person: Who it is about; empty: everybody.
        told: Whether the decision was to tell; None: it is an attempt.
        reason: Of the decision.
        level: Of the escalation; 0: it was not decided by levels.
        detail: What the reason names: a schedule, a role, a silence, the alert explained.
        held: Why the message waits, or waited: quiet hours, or too many messages at once.
        status: Of the message; of an attempt: its outcome.
    """

    kind: WhyKind
    at: datetime
    person: str
    channel: str
    told: bool | None
    reason: str
    level: int
    detail: str
    held: str
    status: str
    error: str
    receipt: str
    message: int | None


def why(
    connection: Connection, incident: int, viewer: Viewer, *, person: str = "", limit: int
) -> list[WhyRow]:
    """Return the newest lines of an incident, oldest first.

    Args:
        person: Only what is about this one, or about nobody by name.
    """
    found = [
        row
        for source in (_decisions, _attempts)
        for row in source(connection, incident)
        if not person or row.person.casefold() in ("", person.casefold())
    ]
    found += _explained(connection, incident, viewer, limit)
    return sorted(found, key=lambda row: (row.at, row.message or 0))[-limit:]


def _decisions(connection: Connection, incident: int) -> Iterator[WhyRow]:
    query = (
        select(decisions, outbox.c.held, outbox.c.status, outbox.c.error)
        .join(outbox, outbox.c.id == decisions.c.outbox, isouter=True)
        .where(decisions.c.incident == incident)
        .order_by(decisions.c.id)
    )
    for row in connection.execute(query):
        yield WhyRow(
            kind="decision",
            at=row.at,
            person=row.recipient,
            channel=row.channel,
            told=row.notify,
            reason=row.reason,
            level=row.level,
            detail=row.detail,
            held=row.held or "",
            status=(row.status or "") if row.notify else "",
            error=(row.error or "") if row.notify else "",
            receipt="",
            message=row.outbox,
        )


def _attempts(connection: Connection, incident: int) -> Iterator[WhyRow]:
    query = (
        select(attempts, outbox.c.recipient, outbox.c.channel, outbox.c.reason)
        .join(outbox, outbox.c.id == attempts.c.outbox)
        .where(outbox.c.incident == incident)
        .order_by(attempts.c.id)
    )
    for row in connection.execute(query):
        yield WhyRow(
            kind="attempt",
            at=row.at,
            person=row.recipient,
            channel=row.channel,
            told=None,
            reason=row.reason,
            level=0,
            detail="",
            held="",
            status=row.outcome,
            error=row.error,
            receipt=row.receipt,
            message=row.outbox,
        )


def _explained(
    connection: Connection, incident: int, viewer: Viewer, limit: int
) -> Iterator[WhyRow]:
    for alert in children_of_incident(connection, incident, viewer, limit=limit):
        place = alert.host or alert.unit_name
        yield WhyRow(
            kind="explained",
            at=alert.started_at,
            person="",
            channel="",
            told=False,
            reason=EXPLAINED,
            level=0,
            detail=f"{place}: {alert.rule}",
            held="",
            status="",
            error="",
            receipt="",
            message=None,
        )
