"""When the daily test of a modem came in again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("channel_tests", sa.Column("returned_at", Instant))
