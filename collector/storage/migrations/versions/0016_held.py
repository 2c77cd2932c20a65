"""Why a message waits, and finding what left to one person over one channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("outbox", sa.Column("held", sa.Text, nullable=False, server_default=""))
    op.create_index("outbox_by_person", "outbox", ["channel", "recipient", "sent_at"])
