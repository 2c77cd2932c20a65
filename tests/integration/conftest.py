"""Databases for the integration tests: each test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.storage.database import Database, make_engine
from collector.storage.upgrade import upgrade
from tests.integration.post import Post
from tests.postgres import postgres_server
from tests.receivers import http_receiver, mail_server

__all__ = ["postgres_server"]

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy import Engine


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


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    """A desk whose messages reach a real mail server and a real HTTP receiver."""
    async with mail_server() as mail, http_receiver() as hook:
        office = Post(db, mail, hook)
        yield office
        await office.client.aclose()
