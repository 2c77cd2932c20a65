"""The day of units, and files that go with messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0029"
down_revision = "0030"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables; what was said is never changed."""
    op.create_table(
        "unit_days",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("is_clean", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("told_by", sa.Text, nullable=False),
    )
    op.create_index("unit_days_by_day", "unit_days", ["day", "unit"])
    refuse_changes("unit_days")
    op.create_table(
        "unit_days_told",
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
    )
    op.create_table(
        "message_files",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
