"""When the acknowledge link of a message was used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("outbox", sa.Column("link_used_at", Instant))
