"""The tables of the day: what units confirmed, and files that go with mails."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text

from collector.storage.columns import BigKey, Instant, metadata

# What was said of a day of a unit: triggers refuse UPDATE and DELETE; the last row holds.
unit_days = Table(
    "unit_days",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("unit", Text, nullable=False),
    Column("day", Text, nullable=False),  # ISO, where the province is
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("way", Text, nullable=False),  # page | sms | command | call
    Column("is_clean", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("told_by", Text, nullable=False),
    Index("unit_days_by_day", "day", "unit"),
)
# That a unit was reminded of a day, whether or not somebody could be reached: once.
unit_days_told = Table(
    "unit_days_told",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("people", Text, nullable=False),  # one name a line; empty: nobody could be reached
)
# A file that goes with a message, by the message's identifier.
message_files = Table(
    "message_files",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
