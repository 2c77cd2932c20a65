"""Each story has an office of its own, on a Monday morning unless it says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.integration.desk.office import Office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 here


@pytest.fixture
async def office(
    tmp_path: Path, request: pytest.FixtureRequest, db: Database
) -> AsyncIterator[Office]:
    """People with roles; `@pytest.mark.parametrize("office", [instant], indirect=True)`."""
    made = Office(tmp_path, db, getattr(request, "param", MONDAY))
    yield made
    await made.close()
