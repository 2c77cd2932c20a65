"""The tables of the telephone: relays that may hand messages over, and what came in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, text

from collector.storage.columns import BigKey, Instant, metadata

# Relays beside a modem; of each only the SHA-256 of its token.
relays = Table(
    "relays",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
)
# Every message that came in, refused ones included, with what became of it.
phone_messages = Table(
    "phone_messages",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("message_id", Text, nullable=False, unique=True),  # the relay's: a repeat counts once
    Column("relay", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("person", Text, nullable=False, server_default=""),  # empty: a number of nobody
    Column("received_at", Instant, nullable=False),
    Column("sent_at", Instant),  # by the clock of the network
    Column("is_whole", Boolean, nullable=False, server_default=text("true")),
    Column("text", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("incident", BigInteger),
    Column("answer", Text, nullable=False, server_default=""),
    Index("phone_messages_by_number", "number", "received_at"),
    Index("phone_messages_by_instant", "received_at"),
)
