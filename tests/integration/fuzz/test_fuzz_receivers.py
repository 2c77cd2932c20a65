"""The fuzzer of what an agent hears unasked, for a while: it finds nothing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.integration.fuzz.running import fuzz

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 15
LEAST_RUNS = 20_000


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this system")
def test_receivers_survive_whatever_is_sent(tmp_path: Path) -> None:
    """No exception, no answer that makes more of what came, no more memory than its bounds."""
    assert fuzz("fuzz_receivers", tmp_path, SECONDS) >= LEAST_RUNS
