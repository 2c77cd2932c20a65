"""Databases for the integration tests: each test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.storage.database import Database, make_engine
from collector.storage.upgrade import upgrade
from tests.postgres import PostgresServer, run_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session; its socket's path must be short, so not in pytest's folder."""
    folder = Path(tempfile.mkdtemp(prefix="wanwatch-pg-"))
    try:
        yield from run_server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'collector.sqlite3'}")
    else:
        engine = make_engine(request.getfixturevalue("postgres_server").new_database())
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine, tmp_path: Path) -> Engine:
    """A database with the newest schema."""
    upgrade(empty_engine, tmp_path / "backups")
    return empty_engine


@pytest.fixture
def db(engine: Engine) -> Iterator[Database]:
    """The asynchronous face of a database with the newest schema."""
    database = Database(engine)
    yield database
    database.close()
