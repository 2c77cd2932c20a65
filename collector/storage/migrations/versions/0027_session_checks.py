"""Pre-check records of sessions, and the tokens of boards that only show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SESSION = "conference_sessions.id"
KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "session_checks",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("session", sa.BigInteger, sa.ForeignKey(SESSION), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.create_index("session_checks_by_session", "session_checks", ["session", "at"])
    refuse_changes("session_checks")
    op.create_table(
        "session_check_signatures",
        sa.Column("check_id", sa.BigInteger, sa.ForeignKey("session_checks.id"), primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    refuse_changes("session_check_signatures")
    op.create_table(
        "session_boards",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("session", sa.BigInteger, sa.ForeignKey(SESSION), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("ix_session_boards_session", "session_boards", ["session"])
