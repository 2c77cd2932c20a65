"""Bring a database to the schema of this program: backed up before, refused when it is newer."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parent / "migrations"
KEEP_BACKUPS = 3
# Any number that nobody else locks: two collectors must not migrate one database at once.
_LOCK = 0x77616E


class NewerSchema(RuntimeError):
    """The database was written by a newer program."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What happened: versions before and after (empty before the first), and the backup."""

    before: str
    after: str
    backup: Path | None = None


def upgrade(engine: Engine, backup_dir: Path, *, migrations: Path = MIGRATIONS) -> Upgraded:
    """Migrate to the newest schema known; nothing is touched when it is already there.

    An SQLite file is copied to `backup_dir` first; the last three copies are kept. PostgreSQL is
    backed up by its own means.

    Raises:
        NewerSchema: The database has a version that this program does not know.
    """
    scripts = ScriptDirectory(str(migrations))
    newest = scripts.get_current_head() or ""
    before = current_version(engine)
    _refuse_newer(before, newest, scripts)
    if before == newest:
        return Upgraded(before, newest)
    backup = _backed_up(engine, backup_dir, before) if before else None
    writing = engine.execution_options(wanwatch_writes=True)
    with writing.connect() as connection, connection.begin():
        _migrate(connection, migrations)
    return Upgraded(before, newest, backup)


def current_version(engine: Engine) -> str:
    """Return the version of the schema in the database; empty when there is none."""
    with engine.connect() as connection, connection.begin():
        return MigrationContext.configure(connection).get_current_revision() or ""


def _refuse_newer(version: str, newest: str, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if version and version not in known:
        raise NewerSchema(
            f"the database has schema version {version}; this program knows up to {newest}. "
            "Start the newer program, or restore the backup made before its upgrade"
        )


def _migrate(connection: Connection, migrations: Path) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _backed_up(engine: Engine, directory: Path, version: str) -> Path | None:
    """Copy an SQLite file by its own backup interface: whole, also while others write."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    directory.mkdir(parents=True, exist_ok=True)
    number = max((_number(path) for path in _backups(directory)), default=0) + 1
    target = directory / f"collector-{number:06d}-{version}.sqlite3"
    unfinished = target.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    source, copy = sqlite3.connect(name), sqlite3.connect(unfinished)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    _make_durable(unfinished, target)
    for old in _backups(directory)[:-KEEP_BACKUPS]:
        old.unlink()
    return target


def _make_durable(unfinished: Path, target: Path) -> None:
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(target)


def _backups(directory: Path) -> list[Path]:
    return sorted(directory.glob("collector-*-*.sqlite3"))


def _number(backup: Path) -> int:
    return int(backup.name.split("-")[1])
