"""What explains an alert, how an agent took its leave, and when units are usually there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns to alerts and agents, and the table of attendance."""
    for column in (
        sa.Column("suppressed", sa.Text(), server_default="", nullable=False),
        sa.Column("suppressed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("root_alert", sa.BigInteger(), nullable=True),
    ):
        op.add_column("alerts", column)
    op.create_index("ix_alerts_root_alert", "alerts", ["root_alert"])
    farewell = sa.Column("farewell", sa.Text(), server_default="", nullable=False)
    op.add_column("agents", farewell)
    op.create_table(
        "attendance",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("hosts", sa.Integer(), nullable=False),
        sa.Column("slots", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "kind", "day"),
    )
    op.create_index("attendance_by_day", "attendance", ["day"])
