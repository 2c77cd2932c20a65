"""The tables of what was found before a session, who signed it, and boards that only show."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from collector.storage.columns import BigKey, Instant, metadata

# One run of all checks; triggers refuse UPDATE and DELETE, as of its signatures.
session_checks = Table(
    "session_checks",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("session", BigInteger, ForeignKey("conference_sessions.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("moment", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("document", Text, nullable=False),  # canonical JSON, all cells
    Column("digest", Text, nullable=False),  # SHA-256 of the document
    Index("session_checks_by_session", "session", "at"),
)
session_check_signatures = Table(
    "session_check_signatures",
    metadata,
    Column("check_id", BigInteger, ForeignKey("session_checks.id"), primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
)
# Secrets that open one session's board, read-only, and end with it; only digests.
session_boards = Table(
    "session_boards",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("session", BigInteger, ForeignKey("conference_sessions.id"), nullable=False, index=True),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
