"""Who may see an incident, drills, tasks, and the causes of incidents that went into another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and create both tables."""
    op.add_column("incidents", sa.Column("readers", sa.Text()))
    op.add_column(
        "incidents",
        sa.Column("is_drill", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.create_table(
        "merged_causes",
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("dedup_key"),
    )
    op.create_index("ix_merged_causes_incident", "merged_causes", ["incident"])
    op.create_table(
        "tasks",
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("done_by", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("incident", "kind", "number"),
    )
    op.create_index("ix_tasks_due_at", "tasks", ["due_at"])
