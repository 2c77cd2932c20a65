"""What exact marks are found in: units, incidents, sessions and their points."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from incidents.vietnamese import marks_key, sort_key

revision = "0030"
down_revision = "0027"
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
    """Add the column, and fill it from what is there."""
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


def _plain(word: str, text: str) -> str:
    return " ".join(json.loads(text or "[]")) if word == "old_names" else text


def _sort_again(connection: sa.Connection) -> None:
    """Give units their sort keys again: where a tone is written no longer counts."""
    units = sa.table("units", *map(sa.column, ("code", "name", "sort_key")))
    for row in connection.execute(sa.select(units)).all():
        again = sa.update(units).where(units.c.code == row.code)
        connection.execute(again.values(sort_key=sort_key(row.name)))
