"""A collector's door for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.agents.collector_door import Door

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def door() -> Iterator[Door]:
    """A server on port 0."""
    door = Door()
    yield door
    door.close()
