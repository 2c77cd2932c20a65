"""Alerts from outside, silences by matchers, and what Alertmanagers were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and add the columns."""
    op.add_column("alerts", sa.Column("source", sa.Text, nullable=False, server_default=""))
    op.add_column("mutes", sa.Column("matchers", sa.Text, nullable=False, server_default="[]"))
    op.add_column("mutes", sa.Column("source", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "outside_alerts",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("annotations", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("lease", sa.Boolean, nullable=False),
        sa.Column("generator_url", sa.Text, nullable=False),
    )
    op.create_table(
        "sent_alerts",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("annotations", sa.Text, nullable=False),
        sa.Column("generator_url", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger),
    )
