"""Reports: every version, and what was done to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _later_text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "reports",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        *map(_text, ("kind", "about", "subject")),
        sa.Column("incident", sa.BigInteger, sa.ForeignKey("incidents.id")),
        _text("unit"),
        sa.Column("people", sa.Text),
        *map(_text, ("layout", "audience")),
        sa.Column("family", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *map(_text, ("changes", "state", "facts")),
        sa.Column("facts_at", sa.BigInteger, nullable=False),
        *map(_later_text, ("document", "digest", "number", "numbered_on")),
        sa.Column("later_until", sa.BigInteger),
        _text("made_by"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_reports_incident", "reports", ["incident"])
    op.create_index("one_version", "reports", ["family", "version"], unique=True)
    op.create_index("reports_by_state", "reports", ["state", "id"])
    op.create_index("reports_by_subject", "reports", ["about", "subject"])
    op.create_table(
        "report_deeds",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("report", sa.BigInteger, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *map(_text, ("actor", "deed", "data")),
    )
    op.create_index("report_deeds_by_report", "report_deeds", ["report", "id"])
    refuse_changes("report_deeds")
    op.create_table(
        "report_words",
        sa.Column("deed", sa.BigInteger, sa.ForeignKey("report_deeds.id"), primary_key=True),
        _text("text"),
    )
