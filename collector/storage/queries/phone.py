"""Relays and messages that came in, as lists show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from collector.storage.phone_tables import phone_messages, relays
from collector.storage.queries.visibility import Viewer, visible_to
from collector.storage.schema import incidents


@dataclass(frozen=True, slots=True)
class RelayRow:
    """One relay; the field names are the API's."""

    name: str
    created_at: datetime
    created_by: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """One message that came in, and what became of it; the field names are the API's.

    Attributes:
        person: Whose number it is; empty: nobody's.
        answer: What was answered; empty: nothing.
    """

    id: int
    received_at: datetime
    number: str
    person: str
    text: str
    outcome: str
    incident: str
    answer: str
    relay: str


def list_relays(connection: Connection) -> list[RelayRow]:
    """Return the relays that are not revoked, by name."""
    table = relays.c
    query = (
        select(table.name, table.created_at, table.created_by, table.last_seen_at)
        .where(table.revoked_at.is_(None))
        .order_by(table.name)
    )
    return [RelayRow(*row) for row in connection.execute(query)]


def list_messages(
    connection: Connection, viewer: Viewer, *, limit: int, refused: bool = False
) -> list[PhoneRow]:
    """Return what came in, the newest first; nothing of incidents the viewer may not see."""
    table = phone_messages.c
    query = (
        select(
            table.id, table.received_at, table.number, table.person, table.text, table.outcome,
            incidents.c.code, table.answer, table.relay,
        )
        .outerjoin_from(phone_messages, incidents, incidents.c.id == table.incident)
        .where(or_(table.incident.is_(None), visible_to(viewer)))
        .order_by(table.id.desc())
        .limit(limit)
    )  # fmt: skip
    if refused:
        query = query.where(table.outcome.not_in(("acknowledged", "passed_on", "detail_given")))
    return [PhoneRow(*row[:6], row[6] or "", *row[7:]) for row in connection.execute(query)]
