"""The calls that only Windows answers, on a system that is another."""

from __future__ import annotations

import sys

import pytest

from agents.check import NoData
from agents.windows import registry_has_key, registry_value, services


@pytest.mark.skipif(sys.platform == "win32", reason="this host has a registry")
def test_windows_calls_have_no_data_on_another_system() -> None:
    """A check that asks them has nothing to report, and does not fail."""
    for ask in (lambda: registry_value("k", "n"), lambda: registry_has_key("k"), services):
        with pytest.raises(NoData):
            ask()
