"""Relays beside a modem, and the messages that came in by telephone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import BigKey, Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "relays",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("token_hash", sa.Text(), nullable=False, unique=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("last_seen_at", Instant),
        sa.Column("revoked_at", Instant),
    )
    op.create_table(
        "phone_messages",
        sa.Column("id", BigKey, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.Text(), nullable=False, unique=True),
        sa.Column("relay", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False, server_default=""),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("is_whole", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger()),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
    )
    op.create_index("phone_messages_by_number", "phone_messages", ["number", "received_at"])
    op.create_index("phone_messages_by_instant", "phone_messages", ["received_at"])
