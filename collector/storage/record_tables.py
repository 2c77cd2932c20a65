"""The tables of the configuration record: its chain, its words, and the contents it names."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from collector.storage.columns import Instant, metadata

# Every change of the configuration and every reading of a restricted incident, one chain from 1.
# Triggers refuse UPDATE and DELETE, as on `entries`.
record_entries = Table(
    "record_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("canonical", Text, nullable=False),  # the exact bytes that `hash` covers
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Index("record_entries_by_kind", "kind", "at"),
)
# The words of an entry, apart from the chain so that sealing can remove them.
record_texts = Table(
    "record_texts",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False),
)
# Policy files as they were, without what is secret in them, by the SHA-256 of what is kept.
record_contents = Table(
    "record_contents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
