"""Block devices: units of the counters, and which devices count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData, SourceError
from agents.checks.disk import CHECK, MOST_DEVICES, evaluate, parse_diskstats, read
from tests.fake_host import ROOT, fake_host

if TYPE_CHECKING:
    from pathlib import Path

LINE = "8 0 {} 1 0 0 0 0 0 0 0 0 0 0\n"


def test_disk_reads_whole_disks_in_base_units() -> None:
    """Sectors are 512 bytes, times are seconds; partitions, loop and RAM devices are left out."""
    found = parse_diskstats((ROOT / "proc/diskstats").read_text())

    assert sorted(found) == ["dm-0", "nvme0n1", "sda"]
    assert found["sda"]["read_bytes_total"] == 1003346126 * 512
    assert found["sda"]["written_bytes_total"] == 505697032 * 512
    assert found["sda"]["io_now"] == 2
    assert found["sda"]["io_time_seconds_total"] == pytest.approx(9653.880)
    assert found["sda"]["io_time_weighted_seconds_total"] == pytest.approx(82621.804)


def test_disk_says_so_when_the_file_is_not_the_kernels() -> None:
    """A short line is an error that shows it."""
    with pytest.raises(SourceError, match="sda 1 2"):
        parse_diskstats("8 0 sda 1 2")


def test_disk_keeps_its_series_few_on_a_host_with_hundreds_of_devices(tmp_path: Path) -> None:
    """24 devices at most, the used ones first, and the rest is counted."""
    (tmp_path / "proc").mkdir()
    idle = "".join(LINE.format(f"dm-{n}").replace(" 1 ", " 0 ", 1) for n in range(200))
    (tmp_path / "proc/diskstats").write_text(idle + LINE.format("vda"))

    found = read(fake_host(root=tmp_path))
    series = list(evaluate(found, None))

    assert "vda" in found.devices
    assert found.omitted == 201 - MOST_DEVICES
    assert len(series) <= CHECK.most_series


def test_disk_has_nothing_to_say_on_a_host_without_disks(tmp_path: Path) -> None:
    """A container sees an empty file."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/diskstats").write_text("")

    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))


def test_disk_reads_a_host_without_procfs() -> None:
    """Windows has counts and bytes; its times come in another unit, so they are left out."""
    found = {o.name: o.value for o in evaluate(read(fake_host(is_linux=False)), None)}

    assert found == {
        "node_disk_reads_completed_total": 210_000,
        "node_disk_read_bytes_total": 9_000_000_000,
        "node_disk_writes_completed_total": 180_000,
        "node_disk_written_bytes_total": 7_000_000_000,
        "wanwatch_check_omitted_objects": 0,
    }
