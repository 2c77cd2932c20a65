"""Software RAID: how many disks an array needs and has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData, SourceError
from agents.checks.raid import CHECK, Array, evaluate, parse_mdstat, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_raid_counts_the_disks_of_each_array() -> None:
    """A failed disk is not active, a spare is neither, an inactive array has none active."""
    assert read(fake_host()) == {
        "md0": Array(2, 1, 1, 0),
        "md3": Array(8, 8, 0, 2),
        "md7": Array(2, 2, 0, 0),
        "md9": Array(0, 0, 0, 1),
    }


def test_raid_keeps_its_series_few() -> None:
    """Ten arrays at most, and the rest is counted."""
    found = list(evaluate({f"md{n}": Array(1, 1, 0, 0) for n in range(30)}, None))

    assert found[-1].value == 20
    assert len(found) <= CHECK.most_series


def test_raid_has_no_data_where_there_is_none(tmp_path: Path) -> None:
    """No module, no array, another system."""
    (tmp_path / "proc").mkdir()
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))
    (tmp_path / "proc/mdstat").write_text("Personalities : \nunused devices: <none>\n")
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))
    with pytest.raises(NoData):
        read(fake_host(is_linux=False))


def test_raid_says_so_when_the_file_is_not_the_kernels() -> None:
    """Garbage is an error, not a host without arrays."""
    with pytest.raises(SourceError, match="mdstat"):
        parse_mdstat("x")
