"""Where the words of a message may be read, and what its receiver answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was written before them was for inside."""
    op.add_column("outbox", sa.Column("reach", sa.Text, nullable=False, server_default="inside"))
    op.add_column("outbox", sa.Column("receipt", sa.Text, nullable=False, server_default=""))
