"""Outside sources by token, and how far each receiver of samples has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sources",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("host_kind", sa.Text, nullable=False, server_default="server"),
        sa.Column("interval_seconds", sa.Integer, nullable=False, server_default=sa.text("60")),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("previous_hash", sa.Text),
        sa.Column("previous_until", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_table(
        "forward_positions",
        sa.Column("receiver", sa.Text, primary_key=True),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("known_from", sa.Text, nullable=False),
        sa.Column("lost", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
