"""A world for each acceptance test: disk, mailbox, processes; all ended afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.world import Mailbox, World
from tests.conftest import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


@pytest.fixture
def world(tmp_path: Path, disk: Path, mailbox: Mailbox) -> Iterator[World]:
    """A collector and an agent that are not started yet."""
    made = World(tmp_path, disk, mailbox)
    try:
        yield made
    finally:
        made.end_all()
