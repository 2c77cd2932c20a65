"""Migrations: they make exactly the schema, keep what was there, and refuse what is newer."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from collector.storage import schema
from collector.storage.procedure_store import keep_ruleset
from collector.storage.upgrade import MIGRATIONS, NewerSchema, current_version, upgrade
from tests.builders import PROCEDURE, T0

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

NEWEST = ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""
NEXT = '''"""One more table."""
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.create_table("more_{revision}", sa.Column("id", sa.Integer, primary_key=True))
'''


def migrations_with(tmp_path: Path, *revisions: str) -> Path:
    """The real migrations and some that come later."""
    folder = tmp_path / f"migrations-{len(revisions)}"
    shutil.copytree(MIGRATIONS, folder)
    before = NEWEST
    for revision in revisions:
        later = folder / "versions" / f"{revision}.py"
        later.write_text(NEXT.format(revision=revision, before=before))
        before = revision
    return folder


def test_migrations_make_exactly_the_schema(engine: Engine) -> None:
    """Alembic finds no difference in tables, columns, types, defaults and indexes."""
    with engine.connect() as connection:
        # Alembic takes an empty text for another default on SQLite; PostgreSQL answers for both.
        defaults = engine.dialect.name == "postgresql"
        options = {"compare_type": True, "compare_server_default": defaults}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, schema.metadata) == []


def test_upgrade_does_nothing_when_the_schema_is_current(engine: Engine, tmp_path: Path) -> None:
    """A second start neither migrates nor makes a backup."""
    again = upgrade(engine, tmp_path / "backups")

    assert (again.before, again.after, again.backup) == (NEWEST, NEWEST, None)
    assert not (tmp_path / "backups").exists()


def test_upgrade_refuses_a_newer_schema_and_names_it(engine: Engine, tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerSchema, match=f"version 9999.*up to {NEWEST}"):
        upgrade(engine, tmp_path / "backups")
    assert current_version(engine) == "9999"


def test_upgrade_backs_up_a_file_before_it_changes(engine: Engine, tmp_path: Path) -> None:
    """The copy is whole and has the old schema; PostgreSQL is backed up by its own means."""
    with engine.begin() as connection:
        connection.execute(insert(schema.facts).values(name="kept", value="yes"))

    done = upgrade(engine, tmp_path / "backups", migrations=migrations_with(tmp_path, "9001"))

    assert (done.before, done.after) == (NEWEST, "9001")
    if engine.dialect.name != "sqlite":
        assert done.backup is None
        return
    assert done.backup is not None
    with sqlite3.connect(done.backup) as copy:
        assert copy.execute("SELECT value FROM facts WHERE name = 'kept'").fetchone() == ("yes",)
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWEST,)


def test_upgrade_keeps_the_last_three_backups(engine: Engine, tmp_path: Path) -> None:
    """Five upgrades leave the copies before the last three."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL is backed up by its own means")
    revisions = ["9001", "9002", "9003", "9004", "9005"]
    for count in range(1, len(revisions) + 1):
        folder = migrations_with(tmp_path, *revisions[:count])
        upgrade(engine, tmp_path / "backups", migrations=folder)

    kept = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert kept == [
        "collector-000003-9002.sqlite3",
        "collector-000004-9003.sqlite3",
        "collector-000005-9004.sqlite3",
    ]


def test_a_failed_migration_leaves_the_database_as_it_was(engine: Engine, tmp_path: Path) -> None:
    """All of an upgrade or nothing of it."""
    folder = migrations_with(tmp_path, "9001", "9002")
    broken = folder / "versions" / "9002.py"
    broken.write_text(broken.read_text() + "    op.execute('SELECT * FROM nothing')\n")

    with pytest.raises(DBAPIError):
        upgrade(engine, tmp_path / "backups", migrations=folder)

    assert current_version(engine) == NEWEST


@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(
    ("table", "column"), [("entries", "seq"), ("leaves", "seq"), ("checkpoints", "size")]
)
def test_the_database_itself_refuses_to_change_the_file(
    engine: Engine, table: str, column: str, change: str
) -> None:
    """Triggers hold, whoever asks."""
    with engine.begin() as connection:
        rows = {
            "checkpoints": {"size": 1, "at": T0, "frontier": "", "note": ""},
            "leaves": {"place": 0, "incident": 1, "seq": 1, "hash": ""},
        }
        if table in rows:
            connection.execute(insert(schema.metadata.tables[table]).values(rows[table]))
        else:
            _insert_entry(connection)

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table, column, column)))


def _insert_entry(connection: Connection) -> None:
    values = {c.name: "" for c in schema.incidents.c if not c.nullable}
    values |= {"id": 1, "detected_at": T0, "last_seq": 0, "ended": False, "pages_sent": 0}
    values |= {"is_drill": False}
    values |= {"stage": "canh_bao", "ruleset_digest": PROCEDURE.digest}
    keep_ruleset(connection, PROCEDURE, T0)
    connection.execute(insert(schema.incidents).values(values))
    connection.execute(
        insert(schema.entries).values(
            incident=1, seq=1, canonical="", hash="", at=T0, kind="", actor=""
        )
    )


def test_sort_keys_are_compared_byte_by_byte(engine: Engine) -> None:
    """PostgreSQL's own language does not touch the order; both databases agree."""
    keys = ["A B", "A!", "B", "[", "_", "a", "~"]
    with engine.begin() as connection:
        for key in reversed(keys):
            row = {c.name: "" for c in schema.units.c} | {"code": key, "sort_key": key}
            connection.execute(insert(schema.units).values(row))
        ordered = connection.scalars(
            select(schema.units.c.sort_key).order_by(schema.units.c.sort_key)
        ).all()

    assert list(ordered) == keys
