"""Since when a message is being sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("outbox", sa.Column("claimed_at", Instant))
