"""The configuration record: its chain, its words, and the contents it names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("record_entries",)
FIRST_HEAD = "0 " + "0" * 64


def upgrade() -> None:
    """Create the tables, their triggers, and the head of an empty record."""
    op.create_table(
        "record_entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_record_entries_kind", "record_entries", ["kind"])
    op.create_table(
        "record_texts",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "record_contents",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    facts = sa.table("facts", sa.column("name", sa.Text()), sa.column("value", sa.Text()))
    op.execute(sa.insert(facts).values(name="record_head", value=FIRST_HEAD))
    for table in APPEND_ONLY:
        refuse_changes(table)
