"""The table of outside sources: whose samples and alerts are taken, by SHA-256 of a token."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, text

from collector.storage.columns import Instant, metadata

# `unit` is empty for a source of no one unit. `kinds` are words with spaces between: it brings
# `samples` or `alerts`, or reads `metrics`. `host_kind` and `interval_seconds` are those of the
# hosts that its samples bring.
# `previous_hash` is good until `previous_until`: whoever rotates has time to write the new one.
sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("unit", Text),
    Column("kinds", Text, nullable=False),
    Column("host_kind", Text, nullable=False, server_default="server"),
    Column("interval_seconds", Integer, nullable=False, server_default=text("60")),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("previous_hash", Text),
    Column("previous_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
)
