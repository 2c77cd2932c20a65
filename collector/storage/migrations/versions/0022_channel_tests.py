"""Tests of channels: which messages they are, and whether a failure was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "channel_tests",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("told_at", Instant),
    )
    op.create_index("ix_channel_tests_batch", "channel_tests", ["batch"])
    op.create_index("channel_tests_by_day", "channel_tests", ["channel", "day"])
