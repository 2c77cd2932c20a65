"""What exact marks are found in, reports to carriers, and the register of certificates."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from incidents.vietnamese import marks_key, sort_key

revision = "0030"
down_revision = "0031"
branch_labels = None
depends_on = None

# Of each table its key, and the columns whose words are searched.
SEARCHED = {
    "units": (("code",), ("name", "code", "old_names")),
    "incidents": (("id",), ("code", "title", "title_en", "unit", "host")),
    "conference_sessions": (("id",), ("name",)),
    "session_points": (("session", "place"), ("name",)),
}


def upgrade() -> None:
    """Create the tables, add the column, and fill it from what is there."""
    _carriers()
    connection = op.get_bind()
    for name, (keys, words) in SEARCHED.items():
        column = sa.Column("marks_key", sa.Text, nullable=False, server_default="")
        op.add_column(name, column)
        table = sa.table(name, *map(sa.column, {*keys, *words, "marks_key"}))
        for row in connection.execute(sa.select(table)).mappings().all():
            said = " ".join(_plain(word, row[word]) for word in words)
            is_it = sa.and_(*(table.c[key] == row[key] for key in keys))
            connection.execute(sa.update(table).where(is_it).values(marks_key=marks_key(said)))
    _sort_again(connection)


def _carriers() -> None:
    op.create_table(
        "carrier_reports",
        sa.Column("incident", sa.BigInteger, sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column("circuit", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("promised_at", sa.BigInteger),
        sa.Column("last_promised_at", sa.BigInteger),
        sa.Column("restored_at", sa.BigInteger),
    )
    op.create_index("ix_carrier_reports_told_at", "carrier_reports", ["told_at"])
    op.create_table(
        "certificates_told",
        sa.Column("certificate", sa.Text, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _plain(word: str, text: str) -> str:
    return " ".join(json.loads(text or "[]")) if word == "old_names" else text


def _sort_again(connection: sa.Connection) -> None:
    """Give units their sort keys again: where a tone is written no longer counts."""
    units = sa.table("units", *map(sa.column, ("code", "name", "sort_key")))
    for row in connection.execute(sa.select(units)).all():
        again = sa.update(units).where(units.c.code == row.code)
        connection.execute(again.values(sort_key=sort_key(row.name)))
