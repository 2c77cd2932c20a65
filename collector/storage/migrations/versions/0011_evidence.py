"""Evidence by its digest, and what the service itself attaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "evidence",
        sa.Column("incident", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("incident", "seq"),
    )
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"])
    op.create_table(
        "attachments",
        sa.Column("incident", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("after", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("incident", "cause", "after"),
    )
    op.create_index("attachments_by_due", "attachments", ["done_at", "due_at"])
