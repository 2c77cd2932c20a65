"""Conference sessions: what is planned, the points, the log, the calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from collector.storage.append_only import refuse_changes

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "conference_sessions",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        *_words("name", "search_key", "session_class", "kind", "chair", "bridge", "conference"),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("began_at", sa.BigInteger),
        sa.Column("over_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        *_words("stage", "series"),
        sa.Column("occurrence", sa.Text, unique=True),
        sa.Column("source", sa.Text, nullable=False, server_default=""),
        sa.Column("source_digest", sa.Text, nullable=False, server_default=""),
        *_words("made_by"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_by_start", "conference_sessions", ["starts_at"])
    op.create_index("sessions_by_stage", "conference_sessions", ["stage", "starts_at"])
    _points_and_log()
    op.create_table(
        "session_incidents",
        sa.Column("incident", sa.BigInteger, sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column(
            "session", sa.BigInteger, sa.ForeignKey("conference_sessions.id"), nullable=False
        ),
    )
    op.create_index("ix_session_incidents_session", "session_incidents", ["session"])
    op.create_table(
        "session_feeds",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sa.Column("good_at", sa.BigInteger),
        sa.Column("events", sa.Integer, nullable=False),
        *_words("error"),
    )


def _points_and_log() -> None:
    of_session = sa.ForeignKey("conference_sessions.id")
    op.create_table(
        "session_points",
        sa.Column("session", sa.BigInteger, of_session, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        *_words("unit", "name", "search_key", "target", "path", "way"),
        sa.Column("is_main", sa.Boolean, nullable=False),
        *_words("technician", "phone", "second", "second_phone"),
        sa.Column("is_confirmed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_session_points_unit", "session_points", ["unit"])
    op.create_table(
        "session_log",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column(
            "session", sa.BigInteger, sa.ForeignKey("conference_sessions.id"), nullable=False
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("noted_at", sa.BigInteger, nullable=False),
        *_words("actor", "kind"),
        sa.Column("point", sa.Integer, nullable=False),
        *_words("code", "incident", "text", "data"),
        sa.Column("key", sa.Text),
    )
    op.create_index("session_log_by_session", "session_log", ["session", "at"])
    op.create_index("one_entry_a_key", "session_log", ["session", "key"], unique=True)
    refuse_changes("session_log")
