"""The fuzzer of the door, for a while: it finds nothing that is not refused with a reason."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.integration.fuzz.running import fuzz

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 15
LEAST_RUNS = 5_000


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this system")
def test_door_survives_whatever_is_sent(tmp_path: Path) -> None:
    """No exception, no status that is not in the contract, no more memory than its bounds."""
    assert fuzz("fuzz_door", tmp_path, SECONDS) >= LEAST_RUNS
