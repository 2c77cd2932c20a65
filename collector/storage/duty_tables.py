"""The tables of recurring duties."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from collector.storage.columns import Instant, metadata

# Recurring duties that were carried out: triggers refuse UPDATE and DELETE.
duties_done = Table(
    "duties_done",
    metadata,
    Column("duty", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("done_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("proof", Text, nullable=False),
)
# What was said of a duty: that it is near, that it is overdue.
duties_told = Table(
    "duties_told",
    metadata,
    Column("duty", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
