"""The scanner finds checks and says what it could not load."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from agents.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

CHECK = """
from agents.check import Check
CHECK = Check({name!r}, every_seconds=1, limit_seconds=1, read=lambda host: 1, evaluate=None,
              most_series=1)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package of checks, good and bad, on the import path."""
    directory = tmp_path / "scanned_checks"
    directory.mkdir()
    files = {
        "__init__": "",
        "a_good": CHECK.format(name="good"),
        "b_broken": "import no_such_module",
        "c_raises": "raise SystemError('odd')",
        "d_empty": "",
        "e_twice": CHECK.format(name="good"),
        "f_good": CHECK.format(name="other"),
    }
    for name, content in files.items():
        (directory / f"{name}.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("scanned_checks")
    for name in [name for name in sys.modules if name.startswith("scanned_checks")]:
        del sys.modules[name]


def test_scanner_reports_what_it_cannot_load_and_finds_the_rest(package: ModuleType) -> None:
    """One broken file costs one check, with its name and the error."""
    found = scan(package)

    assert sorted(found.checks) == ["good", "other"]
    reasons = {failure.module: failure.reason for failure in found.failures}
    assert reasons["b_broken"].startswith("ModuleNotFoundError")
    assert reasons["c_raises"] == "SystemError: odd"
    assert reasons["d_empty"] == "no module-level Check in it"
    assert reasons["e_twice"] == "a second check named 'good'"


def test_scanner_loads_every_check_that_is_shipped() -> None:
    """Nothing in `agents/checks` fails to load."""
    found = scan()

    assert found.failures == ()
    assert {"clock", "cpu", "filesystem", "memory", "network", "services"} <= set(found.checks)
