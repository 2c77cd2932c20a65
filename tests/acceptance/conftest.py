"""A world for each acceptance test: disk, mailbox, processes; all ended afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.world import Mailbox, World, running_world
from tests.conftest import small_disk
from tests.postgres import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["postgres_server"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A running SMTP server."""
    box = Mailbox()
    try:
        yield box
    finally:
        box.stop()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 4 MiB."""
    yield from small_disk(tmp_path / "small", size="4m")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment that chooses a database."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("postgres_server").new_database()
    return {"WANWATCH_DATABASE_URL": url}


@pytest.fixture
def world_on_each_database(
    tmp_path: Path, disk: Path, mailbox: Mailbox, database: dict[str, str]
) -> Iterator[World]:
    """A world on SQLite, then one on PostgreSQL."""
    yield from running_world(World(tmp_path, disk, mailbox, environment=database))


@pytest.fixture
def world(tmp_path: Path, disk: Path, mailbox: Mailbox) -> Iterator[World]:
    """A collector and an agent that are not started yet."""
    yield from running_world(World(tmp_path, disk, mailbox))
