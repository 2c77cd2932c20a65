"""The units of an incident beside its first, for who sees only their own units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, with the units of the alerts that incidents have."""
    op.create_table(
        "incident_units",
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("incident", "unit"),
    )
    op.create_index("ix_incident_units_unit", "incident_units", ["unit"])
    op.execute(
        "INSERT INTO incident_units (incident, unit) "
        "SELECT DISTINCT alerts.incident, alerts.unit FROM alerts "
        "JOIN incidents ON incidents.id = alerts.incident WHERE alerts.unit <> incidents.unit"
    )
