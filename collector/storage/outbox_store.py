"""The outbox on the database: a claim is an UPDATE that must hit exactly one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from collector.storage.message_files import with_files
from collector.storage.outbox_claims import ANSWER, cancel, claim
from collector.storage.schema import attempts, outbox
from incidents.channel import PUBLIC
from incidents.governor import StormPolicy
from incidents.messages import Words
from incidents.outbox import CHANNEL_GONE, MAX_RECEIPT, Message, Outcome
from incidents.paging import NotifyReason, SilentReason
from incidents.public_words import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.database import Database
    from incidents.channel import Reach
    from incidents.paging_policy import PagingPolicy, Recipient
    from incidents.window_messages import Notice

LEAST = "S4"
REPLY = "reply"
NO_STORM = StormPolicy()


class OutboxStore:
    """The `Outbox` of `incidents.delivery`, each method one durable transaction.

    Args:
        dress: What a claimed message gets before it leaves.
    """

    def __init__(
        self,
        db: Database,
        storm: StormPolicy = NO_STORM,
        *,
        dress: Callable[[Message], Message] = lambda message: message,
    ) -> None:
        self._db, self._storm, self._dress = db, storm, dress

    async def recover(self) -> int:
        """Put what was being sent back, marked as repeated; return how many."""
        return await self._db.write(recover)

    async def fail_unknown(self, channels: frozenset[str], now: datetime) -> int:
        """Fail what waits for a channel that is not configured; return how many."""
        return await self._db.write(lambda c: fail_unknown(c, channels, now))

    async def release(self, channel: str) -> None:
        """Put back what was claimed and never sent, unmarked."""
        await self._db.write(lambda c: release(c, channel))

    async def claim(self, channel: str, now: datetime, limit: int) -> list[Message]:
        """Mark due messages as being sent; cancel what nobody wants any more."""
        claimed = await self._db.write(
            lambda c: with_files(c, claim(c, channel, now, limit, self._storm))
        )
        return [self._dress(message) for message in claimed]

    async def settle(self, done: Outcome) -> None:
        """Write what became of an attempt."""
        await self._db.write(lambda c: settle(c, done))

    async def next_due_at(self, channel: str) -> datetime | None:
        """Return when the next message of a channel is due."""
        return await self._db.read(lambda c: next_due_at(c, channel))


def recover(connection: Connection) -> int:
    """Put what was being sent back, marked as repeated; return how many."""
    change = (
        update(outbox)
        .where(outbox.c.status == "sending")
        .values(status="pending", repeated=True, error="interrupted while being sent")
    )
    return connection.execute(change).rowcount


def release(connection: Connection, channel: str) -> int:
    """Put back what was claimed and never sent, unmarked; return how many."""
    change = (
        update(outbox)
        .where(outbox.c.status == "sending", outbox.c.channel == channel)
        .values(status="pending", attempts=outbox.c.attempts - 1)
    )
    return connection.execute(change).rowcount


def fail_unknown(connection: Connection, channels: frozenset[str], now: datetime) -> int:
    """Fail what waits for a channel that is not configured; return how many."""
    change = (
        update(outbox)
        .where(outbox.c.status == "pending", outbox.c.channel.not_in(channels))
        .values(status="failed", error=CHANNEL_GONE, due_at=now)
    )
    return connection.execute(change).rowcount


def cancel_duties(
    connection: Connection, incident: int, still_open: frozenset[str], now: datetime
) -> None:
    """Cancel waiting messages that speak only of deadlines which are not open any more."""
    query = select(outbox).where(
        outbox.c.incident == incident, outbox.c.status == "pending", outbox.c.duties != ""
    )
    for row in connection.execute(query).all():
        if not still_open & set(row.duties.split(",")):
            cancel(connection, row, str(SilentReason.DUTY_MET), now)


def cancel_pages(
    connection: Connection,
    incident: int,
    persons: frozenset[str] | None,
    why: str,
    now: datetime,
) -> None:
    """Cancel waiting pages for these persons, in lower case; None: for anybody."""
    query = select(outbox).where(
        outbox.c.incident == incident,
        outbox.c.status == "pending",
        outbox.c.kind == "page",
        outbox.c.duties == "",
    )
    for row in connection.execute(query).all():
        if persons is None or row.recipient.casefold() in persons:
            cancel(connection, row, why, now)


def take_back(
    connection: Connection,
    incident: int,
    reword: Callable[[Reach, Words], Words] | None,
    now: datetime,
) -> None:
    """Change the words of what waits about an incident; None: cancel all of it."""
    query = select(outbox).where(outbox.c.incident == incident, outbox.c.status == "pending")
    for row in connection.execute(query).all():
        if reword is None:
            cancel(connection, row, str(SilentReason.RESTRICTED), now)
            continue
        words = reword(row.reach, Words(row.subject, row.body))
        change = update(outbox).where(outbox.c.id == row.id, outbox.c.status == "pending")
        connection.execute(change.values(subject=words.subject, body=words.body))


def let_go(
    connection: Connection, incident: int, reword: Callable[[Reach, str], Words], now: datetime
) -> frozenset[tuple[str, str]]:
    """Let the first pages that wait for what is found out leave now, in other words.

    What waits for the morning goes on waiting, and says it then.
    """
    query = select(outbox).where(
        outbox.c.incident == incident,
        outbox.c.status == "pending",
        outbox.c.reason == str(NotifyReason.FIRST),
        outbox.c.attempts == 0,
        outbox.c.due_at > now,
    )
    waited = set()
    for row in connection.execute(query).all():
        words = reword(row.reach, row.reason)
        due_at = row.due_at if row.held else now
        change = update(outbox).where(outbox.c.id == row.id, outbox.c.status == "pending")
        connection.execute(change.values(subject=words.subject, body=words.body, due_at=due_at))
        waited.add((row.recipient, row.channel))
    return frozenset(waited)


def told(connection: Connection, incident: int) -> list[tuple[str, str, str]]:
    """Return recipient, channel and address of everybody who was paged."""
    query = (
        select(outbox.c.recipient, outbox.c.channel, outbox.c.address)
        .where(outbox.c.incident == incident, outbox.c.kind == "page")
        .where(outbox.c.status.not_in(("cancelled", "failed")))
        .distinct()
        .order_by(outbox.c.recipient, outbox.c.channel)
    )
    return [(row.recipient, row.channel, row.address) for row in connection.execute(query)]


def settle(connection: Connection, done: Outcome) -> None:
    """Write what became of an attempt."""
    change = (
        update(outbox)
        .where(outbox.c.id == done.id, outbox.c.status == "sending")
        .values(
            status=done.status,
            due_at=done.due_at,
            sent_at=done.at if done.status == "sent" else None,
            error=done.error,
            repeated=done.repeated,
            receipt=done.receipt,
        )
    )
    connection.execute(change)
    attempt = {
        "outbox": done.id, "at": done.at, "outcome": done.status, "error": done.error,
        "receipt": done.receipt,
    }  # fmt: skip
    connection.execute(insert(attempts).values(attempt))


def next_due_at(connection: Connection, channel: str) -> datetime | None:
    """Return when the next message of a channel is due."""
    query = (
        select(outbox.c.due_at)
        .where(outbox.c.status == "pending", outbox.c.channel == channel)
        .order_by(outbox.c.due_at)
        .limit(1)
    )
    return connection.scalar(query)


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many messages there are by channel and status, for `/metrics` and the console."""
    query = select(outbox.c.channel, outbox.c.status, func.count()).group_by(
        outbox.c.channel, outbox.c.status
    )
    return {(channel, status): number for channel, status, number in connection.execute(query)}


def repeated(connection: Connection) -> int:
    """Return how many messages may have arrived twice."""
    return connection.scalar(select(func.count()).where(outbox.c.repeated)) or 0


def oldest_due_at(connection: Connection, now: datetime) -> datetime | None:
    """Return since when the oldest message that is due has waited to be claimed."""
    is_waiting = (outbox.c.status == "pending") & (outbox.c.due_at <= now)
    found: datetime | None = connection.scalar(select(func.min(outbox.c.due_at)).where(is_waiting))
    return found


def queue_notice(
    connection: Connection,
    recipient: Recipient,
    notice: Notice,
    *,
    reach: Reach,
    message_id: str,
    now: datetime,
) -> None:
    """Put a notice that belongs to no incident into the outbox; a public one says nothing of it."""
    words = nothing() if reach == PUBLIC else Words(notice.subject, notice.body)
    values = {
        "incident": None, "channel": recipient.channel, "recipient": recipient.name,
        "address": recipient.address, "kind": "notice", "reason": notice.reason, "severity": LEAST,
        "message_id": message_id, "subject": words.subject, "body": words.body,
        "status": "pending", "created_at": now, "due_at": now, "reach": reach,
    }  # fmt: skip
    connection.execute(insert(outbox).values(values))


def queue_notices(
    connection: Connection,
    recipients: Iterable[Recipient],
    notice: Notice,
    policy: PagingPolicy,
    *,
    new_message_id: Callable[[], str],
    now: datetime,
) -> None:
    """Queue one notice for each of these recipients, each in the words of their channel."""
    for one in recipients:
        reach, message_id = policy.reach_of(one.channel), new_message_id()
        queue_notice(connection, one, notice, reach=reach, message_id=message_id, now=now)


def queue_public(
    connection: Connection,
    *,
    incident: int | None,
    channel: str,
    recipient: str,
    address: str,
    severity: str,
    words: str,
    message_id: str,
    now: datetime,
    reason: str = REPLY,
) -> None:
    """Put an answer, to a reply unless said, into the outbox: words that may leave the network."""
    values = {
        "incident": incident, "channel": channel, "recipient": recipient, "address": address,
        "kind": ANSWER, "reason": reason, "severity": severity, "message_id": message_id,
        "subject": words, "body": words, "status": "pending", "created_at": now, "due_at": now,
        "reach": PUBLIC,
    }  # fmt: skip
    connection.execute(insert(outbox).values(values))


def note_receipt(connection: Connection, message_id: str, receipt: str) -> bool:
    """Keep what became of a message after it was sent; return whether there is such a one."""
    change = (
        update(outbox)
        .where(outbox.c.message_id == message_id, outbox.c.reach == PUBLIC)
        .values(receipt=receipt[:MAX_RECEIPT])
    )
    return connection.execute(change).rowcount == 1
