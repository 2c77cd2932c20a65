"""One Prometheus for the whole folder: filling it takes a quarter of a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.prometheus.filled import Filled, filled

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Give the filled server."""
    with filled(tmp_path_factory.mktemp("filled")) as made:
        yield made
