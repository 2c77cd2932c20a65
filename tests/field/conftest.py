"""Recorded data that may not lie in this repository: where it is, and why a test is skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def field_data() -> Path:
    """The folder of recorded data; skips with the reason where this machine has none."""
    given = os.environ.get("WANWATCH_FIELD_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"recorded data: {folder} is not there; most of it may not be copied into the project. "
            "WANWATCH_FIELD_DATA names another folder"
        )
    return folder


@pytest.fixture(scope="session")
def walks(field_data: Path) -> Path:
    """The folder of recorded SNMP walks."""
    folder = field_data / "snmprec"
    if not folder.is_dir():
        pytest.skip(f"recorded SNMP walks: {folder} is not there")
    return folder
