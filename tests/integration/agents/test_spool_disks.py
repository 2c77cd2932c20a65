"""The spool on disks that refuse: nothing held is lost, new reports go from memory."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from agents.spool import SpoolLimits
from tests.conftest import small_disk
from tests.unit.agents.spools import EVENT, held, metrics, noise, open_spool, sample

if TYPE_CHECKING:
    from pathlib import Path


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def remount(disk: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(disk)], check=True)


def test_spool_goes_on_from_memory_while_the_disk_is_full(full_disk: Path) -> None:
    """Reports can be sent, the state is said, and all is on disk once there is room."""
    spool = open_spool(full_disk)
    first = spool.add([sample(1)])
    filler = fill(full_disk)

    waiting = [spool.add(noise(n)) for n in range(20)]
    assert metrics(spool)["writable"] == 0
    assert held(spool) == [first, *waiting]
    spool.acknowledge(waiting[3], state="s")

    filler.unlink()
    last = spool.add([sample(2)])
    assert metrics(spool)["writable"] == 1
    del spool  # as kill -9 leaves it

    again = open_spool(full_disk)
    assert held(again) == [first, *waiting[:3], *waiting[4:], last]


def test_spool_frees_room_on_a_disk_that_it_filled_itself(full_disk: Path) -> None:
    """The limit is larger than the disk: acknowledged reports make room although it is full."""
    spool = open_spool(full_disk, limits=SpoolLimits(max_bytes=64 << 20))
    while metrics(spool)["writable"]:
        spool.add(noise(spool.next_seq))
    on_disk = len(spool)

    for seq in held(spool):
        spool.acknowledge(seq, state=f"s{seq}")
    seq = spool.add(noise(1))

    assert on_disk > 100
    assert metrics(spool)["writable"] == 1
    assert metrics(spool)["size_bytes"] <= 256 << 10
    again = open_spool(full_disk)
    assert held(again) == [seq]
    assert again.state == f"s{seq - 1}"


def test_spool_in_memory_is_bounded_and_counts_what_it_drops(full_disk: Path) -> None:
    """A disk that stays full costs the oldest metrics, not the events and not the memory."""
    spool = open_spool(full_disk, limits=SpoolLimits(max_memory_bytes=50_000))
    filler = fill(full_disk)
    events = spool.add([], [EVENT])
    for n in range(100):
        spool.add(noise(n))

    numbers = held(spool)
    assert numbers[0] == events
    assert numbers[1:] == list(range(numbers[1], spool.next_seq))
    dropped = metrics(spool)["dropped_reports_total"]
    assert dropped == 101 - len(numbers) > 0

    filler.unlink()
    spool.add([sample()])
    spool.close()
    assert metrics(open_spool(full_disk))["dropped_reports_total"] == dropped


def test_spool_never_reuses_a_number_that_is_only_in_memory(full_disk: Path) -> None:
    """The ledger still has room for the number although the log has none for the report."""
    spool = open_spool(full_disk)
    spool.add([sample()])
    filler = fill(full_disk)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 8192)
    large = [value for n in range(20) for value in noise(n)]
    lost = [spool.add(large) for _ in range(3)]
    assert metrics(spool)["writable"] == 0
    del spool

    again = open_spool(full_disk)
    assert again.next_seq == lost[-1] + 1
    assert metrics(again)["lost_reports_total"] == len(lost)


def test_spool_starts_on_a_read_only_disk_and_sends_what_it_holds(tmp_path: Path) -> None:
    """Old reports can be read, new ones wait in memory, and all is written when that works."""
    for disk in small_disk(tmp_path / "disk", size="4m"):
        before = open_spool(disk)
        before.add([sample(1)])
        before.add([sample(2)])
        before.acknowledge(1)
        before.close()

        remount(disk, "ro")
        spool = open_spool(disk)
        assert metrics(spool)["writable"] == 0
        assert held(spool) == [2]
        assert spool.add([sample(3)]) == 3
        spool.acknowledge(2)
        assert spool.refuse(spool.add([sample(4)]), b"body").startswith("not kept")
        assert held(spool) == [3]

        remount(disk, "rw")
        spool.add([sample(5)])
        assert metrics(spool)["writable"] == 1
        spool.close()

        assert held(open_spool(disk)) == [3, 5]


def test_spool_starts_on_a_read_only_disk_that_never_had_one(tmp_path: Path) -> None:
    """Nothing to read and nothing to write: the agent still reports."""
    for disk in small_disk(tmp_path / "disk", size="4m"):
        remount(disk, "ro")
        spool = open_spool(disk)

        assert held(spool) == []
        assert spool.add([sample()]) == 1
        assert held(spool) == [1]
        assert metrics(spool)["writable"] == 0

        remount(disk, "rw")
        spool.add([sample()])
        spool.close()
        assert held(open_spool(disk)) == [1, 2]
