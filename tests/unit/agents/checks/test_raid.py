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
        "md9": Array(0, 0, 0, 1, "inactive"),
    }


def test_raid_says_what_an_array_misses() -> None:
    """One failed disk of two; nothing; all of an array that does not run."""
    found = {device: array.missing for device, array in read(fake_host()).items()}

    assert found == {"md0": 1, "md3": 0, "md7": 0, "md9": 1}


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("[=>...]  recovery = 12.6% (33/262) finish=127min speed=33440K/sec", "recovering"),
        ("[=>...]  reshape = 1.6% (33/262) finish=127min speed=33440K/sec", "recovering"),
        ("\tresync=DELAYED", "resync"),
        ("[=>...]  check = 34.8% (33/262) finish=1min speed=9K/sec", "check"),
        ("bitmap: 0/15 pages [0KB], 65536KB chunk", "active"),
    ],
)
def test_raid_tells_what_an_array_is_doing(line: str, state: str) -> None:
    """The states are node_exporter's; exactly one is 1."""
    text = (
        "Personalities : [raid1]\nmd1 : active raid1 sdb1[1] sda1[0]\n      1 blocks [2/2] [UU]\n"
    )
    found = parse_mdstat(f"{text}      {line}\n\nunused devices: <none>\n")

    states = {o.labels["state"]: o.value for o in evaluate(found, None) if "md_state" in o.name}
    assert [name for name, value in states.items() if value] == [state]


def test_raid_keeps_its_series_few() -> None:
    """Eight arrays at most, and the rest is counted."""
    found = list(evaluate({f"md{n}": Array(1, 1, 0, 0) for n in range(30)}, None))

    assert found[-1].value == 22
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
