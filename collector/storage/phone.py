"""What comes in by telephone: whose relay says so, what it may be about, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select, update

from collector.storage.identity_log import note
from collector.storage.phone_tables import phone_messages, relays
from collector.storage.queries.visibility import visible_to
from collector.storage.schema import incidents, outbox
from incidents.modem.address import normal
from incidents.replies import BARE_WITHIN, Candidate

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.queries.visibility import Viewer

MAX_CANDIDATES = 2_000


class Came(NamedTuple):
    """A message as it is kept; the field names are the table's."""

    message_id: str
    relay: str
    number: str
    person: str
    received_at: datetime
    sent_at: datetime | None
    is_whole: bool
    text: str
    outcome: str
    incident: int | None
    answer: str


def relay_of(connection: Connection, token_hash: str) -> str | None:
    """Return the relay that holds a token; None: it is revoked or nobody's."""
    query = select(relays.c.name).where(
        relays.c.token_hash == token_hash, relays.c.revoked_at.is_(None)
    )
    found: str | None = connection.scalar(query)
    return found


def add_relay(
    connection: Connection, name: str, token_hash: str, *, by: str, now: datetime
) -> None:
    """Let a relay hand messages over; a known name gets another token."""
    values = {"token_hash": token_hash, "created_at": now, "created_by": by, "revoked_at": None}
    changed = connection.execute(update(relays).where(relays.c.name == name).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(relays).values(name=name, **values))
    note(connection, now, "relay_made", host=name, actor=by)


def revoke_relay(connection: Connection, name: str, *, by: str, now: datetime) -> bool:
    """Take nothing more from a relay; return whether there was one."""
    is_one = and_(relays.c.name == name, relays.c.revoked_at.is_(None))
    if connection.execute(update(relays).where(is_one).values(revoked_at=now)).rowcount != 1:
        return False
    note(connection, now, "relay_revoked", host=name, actor=by)
    return True


def seen(connection: Connection, name: str, now: datetime) -> None:
    """Store that a relay handed something over."""
    connection.execute(update(relays).where(relays.c.name == name).values(last_seen_at=now))


def outcome_of(connection: Connection, message_id: str) -> str | None:
    """Return what became of a message; None: it is new."""
    query = select(phone_messages.c.outcome).where(phone_messages.c.message_id == message_id)
    found: str | None = connection.scalar(query)
    return found


def keep(connection: Connection, came: Came) -> None:
    """Keep a message with what became of it."""
    connection.execute(insert(phone_messages).values(**came._asdict()))


def last_answer_at(connection: Connection, number: str) -> datetime | None:
    """Return when a number was last answered."""
    table = phone_messages.c
    query = select(func.max(table.received_at)).where(table.number == number, table.answer != "")
    found: datetime | None = connection.scalar(query)
    return found


def candidates(
    connection: Connection, number: str, viewer: Viewer, now: datetime
) -> dict[Candidate, int]:
    """Return the open incidents that somebody may see, with those paged to their number marked."""
    paged = _paged_to(connection, number, now)
    query = (
        select(incidents.c.id, incidents.c.code)
        .where(incidents.c.ended.is_(False), visible_to(viewer))
        .order_by(incidents.c.id.desc())
        .limit(MAX_CANDIDATES)
    )
    return {Candidate(row.code, paged.get(row.id)): row.id for row in connection.execute(query)}


def _paged_to(connection: Connection, number: str, now: datetime) -> dict[int, datetime]:
    """Return when each incident was last paged to a number, however it is written there."""
    query = select(outbox.c.incident, outbox.c.address, outbox.c.created_at).where(
        outbox.c.kind == "page",
        outbox.c.created_at >= now - BARE_WITHIN,
        outbox.c.incident.is_not(None),
    )
    found: dict[int, datetime] = {}
    for row in connection.execute(query):
        if normal(row.address) == number:
            found[row.incident] = max(row.created_at, found.get(row.incident, row.created_at))
    return found


def prune(connection: Connection, *, strangers_before: datetime, all_before: datetime) -> int:
    """Delete messages that are old; those of strangers are kept for a shorter time."""
    table = phone_messages.c
    is_old = or_(
        table.received_at < all_before,
        and_(table.person == "", table.received_at < strangers_before),
    )
    return connection.execute(delete(phone_messages).where(is_old)).rowcount
