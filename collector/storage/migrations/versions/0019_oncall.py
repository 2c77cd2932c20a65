"""Who is on call, handovers of shifts, every attempt to send, and what a decision names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NEVER_CHANGED = (
    "oncall_versions",
    "oncall_overrides",
    "oncall_cancelled",
    "handovers",
    "handover_notes",
    "handover_signatures",
)


def upgrade() -> None:
    """Create the tables and columns."""
    _schedules()
    _handovers()
    op.create_table(
        "attempts",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("outbox", sa.BigInteger, sa.ForeignKey("outbox.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("receipt", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_attempts_outbox", "attempts", ["outbox"])
    op.add_column("decisions", sa.Column("level", sa.Integer, nullable=False, server_default="0"))
    op.add_column("decisions", sa.Column("detail", sa.Text, nullable=False, server_default=""))
    for table in NEVER_CHANGED:
        refuse_changes(table)


def _schedules() -> None:
    op.create_table(
        "oncall_versions",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("from_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_oncall_versions_from_at", "oncall_versions", ["from_at"])
    op.create_table(
        "oncall_overrides",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("out", sa.Text, nullable=False),
        sa.Column("stand_in", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_oncall_overrides_ends_at", "oncall_overrides", ["ends_at"])
    of_override = sa.ForeignKey("oncall_overrides.id")
    op.create_table(
        "oncall_cancelled",
        sa.Column("override", sa.BigInteger, of_override, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "oncall_told",
        sa.Column("gap", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "oncall_feeds",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.Text, nullable=False, unique=True),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outgoing", sa.Text, nullable=False),
        sa.Column("incoming", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("one_handover_a_shift", "handovers", ["schedule", "at"], unique=True)
    op.create_table(
        "handover_notes",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("handover", sa.BigInteger, sa.ForeignKey("handovers.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_handover_notes_handover", "handover_notes", ["handover"])
    op.create_table(
        "handover_signatures",
        sa.Column("handover", sa.BigInteger, sa.ForeignKey("handovers.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("accepted", sa.Text, nullable=False),
    )
