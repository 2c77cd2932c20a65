"""The tables about who may report and who watches, beside the enrolled keys themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from collector.storage.columns import BigKey, Instant, SortKey, metadata

# The hosts that hosts.csv lists: who must report, written down before it does.
expected_hosts = Table(
    "expected_hosts",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("presence", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("sort_key", SortKey, nullable=False, index=True),
)
# Enrolment tokens by SHA-256; each lets hosts of one unit and kind in, `host` only that one.
enrolment_tokens = Table(
    "enrolment_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("presence", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
# Keys that knock and are not enrolled: a few hundred at most, and nothing in them is trusted.
unknown_agents = Table(
    "unknown_agents",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("knocks", BigInteger, nullable=False),
)
# What happened to keys and tokens, and who did it.
identity_log = Table(
    "identity_log",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("agent", Text, nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
# Second machines that watch this collector, by SHA-256 of their token.
watchers = Table(
    "watchers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("last_seen_at", Instant),
    Column("revoked_at", Instant),
)
