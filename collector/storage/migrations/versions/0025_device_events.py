"""What devices said by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.columns import BigKey, Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "device_events",
        sa.Column("id", BigKey, primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("device_events_by_target", "device_events", ["target", "at"])
    op.create_index("device_events_by_agent", "device_events", ["agent", "at"])
    op.create_index("device_events_by_instant", "device_events", ["at"])
