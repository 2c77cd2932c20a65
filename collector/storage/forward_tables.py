"""How far each receiver of samples has what the journal holds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text, text

from collector.storage.columns import Instant, metadata

# `sent`: where the journal goes on after what the receiver has. `known_from`: from where it is read
# again after a start to know which series there were. `lost`: records that left the journal first.
forward_positions = Table(
    "forward_positions",
    metadata,
    Column("receiver", Text, primary_key=True),
    Column("sent", Text, nullable=False),
    Column("known_from", Text, nullable=False),
    Column("lost", BigInteger, nullable=False, server_default=text("0")),
    Column("updated_at", Instant, nullable=False),
)
