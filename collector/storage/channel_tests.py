"""Tests of channels as rows: messages like others, kept with whom they were asked by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the API reads the rows' types when it starts
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from collector.storage.schema import channel_tests, outbox
from incidents.channel_test_messages import TEST, write_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from incidents.channel import Reach

# A test that somebody asked for rings as the worst does; the daily one wakes nobody.
LOUD, SOFT = "S1", "S4"


@dataclass(frozen=True, slots=True)
class Way:
    """Over which channel a test goes, and to whom."""

    name: str
    channel: str
    address: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test message and what became of it; the address is not shown.

    Attributes:
        status: `pending`, `sending`, `sent`, `failed`.
        returned_at: When it came in again, where it goes out to come in.
        receipt: What the receiver answered when it took the message.
    """

    message_id: str
    batch: str
    channel: str
    day: str
    at: datetime
    actor: str
    told_at: datetime | None
    returned_at: datetime | None
    recipient: str
    status: str
    attempts: int
    sent_at: datetime | None
    receipt: str
    error: str


def add_tests(
    connection: Connection,
    ways: Sequence[Way],
    *,
    batch: str,
    actor: str,
    now: datetime,
    day: str = "",
) -> None:
    """Queue one test message for each way; `day` marks those of the daily test."""
    for number, way in enumerate(ways, 1):
        words = write_test(way.name, way.channel, way.reach, now, actor.partition(":")[2])
        message_id = f"test-{batch}-{number}"
        test = {
            "message_id": message_id, "batch": batch, "channel": way.channel, "day": day,
            "at": now, "actor": actor,
        }  # fmt: skip
        connection.execute(insert(channel_tests).values(test))
        message = {
            "incident": None, "channel": way.channel, "recipient": way.name,
            "address": way.address, "kind": TEST, "reason": TEST,
            "severity": SOFT if day else LOUD, "message_id": message_id,
            "subject": words.subject, "body": words.body, "status": "pending",
            "created_at": now, "due_at": now, "reach": way.reach,
        }  # fmt: skip
        connection.execute(insert(outbox).values(message))


_ROWS = select(
    channel_tests,
    outbox.c.recipient,
    outbox.c.status,
    outbox.c.attempts,
    outbox.c.sent_at,
    outbox.c.receipt,
    outbox.c.error,
).join(outbox, outbox.c.message_id == channel_tests.c.message_id)


def tests_of(connection: Connection, batch: str) -> list[TestRow]:
    """Return the messages of one test, in order."""
    query = _ROWS.where(channel_tests.c.batch == batch).order_by(outbox.c.id)
    return [TestRow(*row) for row in connection.execute(query)]


def newest_tests(connection: Connection, limit: int) -> list[TestRow]:
    """Return the last test messages, the newest first."""
    query = _ROWS.order_by(outbox.c.id.desc()).limit(limit)
    return [TestRow(*row) for row in connection.execute(query)]


def daily_tests(connection: Connection, since_day: str) -> list[TestRow]:
    """Return the daily tests from a day on, the oldest first."""
    query = _ROWS.where(channel_tests.c.day >= since_day, channel_tests.c.day != "")
    return [TestRow(*row) for row in connection.execute(query.order_by(outbox.c.id))]


def note_told(connection: Connection, message_id: str, now: datetime) -> bool:
    """Note that a failure was told; False: it was before."""
    change = (
        update(channel_tests)
        .where(channel_tests.c.message_id == message_id, channel_tests.c.told_at.is_(None))
        .values(told_at=now)
    )
    return connection.execute(change).rowcount == 1


def note_returned(connection: Connection, channel: str, now: datetime) -> bool:
    """Note that the last daily test of a channel came in again; False: none was out."""
    newest = (
        select(channel_tests.c.message_id)
        .where(channel_tests.c.channel == channel, channel_tests.c.day != "")
        .order_by(channel_tests.c.at.desc())
        .limit(1)
    )
    change = (
        update(channel_tests)
        .where(
            channel_tests.c.message_id == newest.scalar_subquery(),
            channel_tests.c.returned_at.is_(None),
        )
        .values(returned_at=now)
    )
    return connection.execute(change).rowcount == 1
