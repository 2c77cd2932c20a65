"""One past for all tests of a module: recorded once, never changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.past import Recorded, record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Twenty-two minutes of a province with faults, as a whole collector lived through them."""
    data: Path = tmp_path_factory.mktemp("past") / "data"
    return asyncio.run(record(data))
