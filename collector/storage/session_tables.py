"""The tables of conference sessions: what is planned, its points, its log, its calendars."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from collector.storage.columns import BigKey, Instant, metadata

conference_sessions = Table(
    "conference_sessions",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("marks_key", Text, nullable=False, server_default=""),
    Column("session_class", Text, nullable=False),  # A | B | C
    Column("kind", Text, nullable=False),  # official | rehearsal
    Column("chair", Text, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("conference", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("began_at", Instant),
    Column("over_at", Instant),
    Column("closed_at", Instant),
    Column("stage", Text, nullable=False),
    Column("series", Text, nullable=False),
    # What a calendar or schedule knows it by; null: nothing outside knows it.
    Column("occurrence", Text, unique=True),
    # Which calendar or schedule brought it; empty: a person planned it.
    Column("source", Text, nullable=False, server_default=""),
    # What the calendar said last: a person's own change stands until the calendar changes.
    Column("source_digest", Text, nullable=False, server_default=""),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("sessions_by_start", "starts_at"),
    Index("sessions_by_stage", "stage", "starts_at"),
)
session_points = Table(
    "session_points",
    metadata,
    Column("session", BigInteger, ForeignKey("conference_sessions.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # in the roll call, from 1
    Column("unit", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("marks_key", Text, nullable=False, server_default=""),
    Column("target", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("way", Text, nullable=False),  # codec | software | telephone
    Column("is_main", Boolean, nullable=False),
    Column("technician", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("second", Text, nullable=False),
    Column("second_phone", Text, nullable=False),
    Column("is_confirmed", Boolean, nullable=False),
)
# Everything that happened to a session; triggers refuse UPDATE and DELETE.
session_log = Table(
    "session_log",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("session", BigInteger, ForeignKey("conference_sessions.id"), nullable=False),
    Column("at", Instant, nullable=False),  # when it happened
    Column("noted_at", Instant, nullable=False),  # when it came here
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("point", Integer, nullable=False),  # 0: of the whole session
    Column("code", Text, nullable=False),  # a symptom, a stage, …
    Column("incident", Text, nullable=False),  # its code, if one is meant
    Column("text", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    # The client's: the same entry sent again is the same entry.
    Column("key", Text),
    Index("session_log_by_session", "session", "at"),
    Index("one_entry_a_key", "session", "key", unique=True),
)
# The incidents that began in the path of a session.
session_incidents = Table(
    "session_incidents",
    metadata,
    Column("incident", BigInteger, ForeignKey("incidents.id"), primary_key=True),
    Column("session", BigInteger, ForeignKey("conference_sessions.id"), nullable=False, index=True),
)
# How the calendars that are followed were found last.
session_feeds = Table(
    "session_feeds",
    metadata,
    Column("name", Text, primary_key=True),
    Column("read_at", Instant, nullable=False),
    Column("good_at", Instant),
    Column("events", Integer, nullable=False),
    Column("error", Text, nullable=False),
)
