"""The tables of who is called: schedules in force, who stands in, handovers, attempts to send."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from collector.storage.columns import BigKey, Instant, metadata

# Which schedules were in force from when on; their content is kept by its digest. Triggers refuse
# UPDATE and DELETE here and on every table below but `oncall_told` and `oncall_feeds`.
oncall_versions = Table(
    "oncall_versions",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False),  # empty: no schedules
    Column("from_at", Instant, nullable=False, index=True),
)
# Who stands in for whom, as people entered it. `out` empty: whoever is called first; `stand_in`
# empty: nobody.
oncall_overrides = Table(
    "oncall_overrides",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("schedule", Text, nullable=False),  # empty: all
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("out", Text, nullable=False),
    Column("stand_in", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("uid", Text, nullable=False, unique=True),  # of the calendar entry it came from, or ours
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)
oncall_cancelled = Table(
    "oncall_cancelled",
    metadata,
    Column("override", BigInteger, ForeignKey("oncall_overrides.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
# What was said of a gap: once for each that comes near.
oncall_told = Table(
    "oncall_told",
    metadata,
    Column("gap", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
# The address of a person's calendar, by SHA-256 of its secret; a new one takes the old one's place.
oncall_feeds = Table(
    "oncall_feeds",
    metadata,
    Column("person", Text, primary_key=True),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
)
# The document of a change of shifts as it was made, and what people added and signed.
handovers = Table(
    "handovers",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("schedule", Text, nullable=False),
    Column("at", Instant, nullable=False),  # when the shift that takes over begins
    Column("outgoing", Text, nullable=False),
    Column("incoming", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("one_handover_a_shift", "schedule", "at", unique=True),
)
handover_notes = Table(
    "handover_notes",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("handover", BigInteger, ForeignKey("handovers.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("text", Text, nullable=False),
)
handover_signatures = Table(
    "handover_signatures",
    metadata,
    Column("handover", BigInteger, ForeignKey("handovers.id"), primary_key=True),
    Column("side", Text, primary_key=True),  # outgoing | incoming
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", Text, nullable=False),  # of the document with the notes as it was signed
    Column("accepted", Text, nullable=False),  # codes of open incidents taken over by name
)
# Every attempt to send a message: the outbox keeps the last one.
attempts = Table(
    "attempts",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("outbox", BigInteger, ForeignKey("outbox.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),  # sent | pending: it goes again | failed
    Column("error", Text, nullable=False, server_default=""),
    Column("receipt", Text, nullable=False, server_default=""),
)
# Test messages; their outcome stands with them in the outbox. `day`: of a daily test, else empty.
channel_tests = Table(
    "channel_tests",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("batch", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("told_at", Instant),
    Column("returned_at", Instant),
    Index("channel_tests_by_day", "channel", "day"),
)
