"""Records on a disk whose sync fails: what may be lost waits in memory and is written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.records import boot_crc, encode, read_head
from agents.report import Event, Report
from agents.segments import SegmentLog
from agents.spool_index import IN_MEMORY, Entry
from agents.spool_shelf import SpoolLimits, SpoolShelf
from agents.spool_store import SpoolStore
from tests.unit.agents.spools import noise

if TYPE_CHECKING:
    from pathlib import Path

    from agents.segments import Position

NOW = 1_700_000_000.0
EVENT = Event("login_failed", NOW)


class Disk:
    """Opens logs whose next syncs go as written down (true: well), whose next new files fail."""

    def __init__(self) -> None:
        self.syncs: list[bool] = []
        self.failing_renewals = 0
        self.failed = 0

    def __call__(self, directory: Path, *, segment_bytes: int) -> SegmentLog:
        disk = self

        class Log(SegmentLog):
            def sync(self) -> None:
                if disk.syncs and not disk.syncs.pop(0):
                    disk.failed += 1
                    raise OSError(5, "Input/output error")
                super().sync()

            def renew(self, durable: Position) -> None:
                if disk.failing_renewals:
                    disk.failing_renewals -= 1
                    raise OSError(5, "Input/output error")
                super().renew(durable)

        return Log(directory, segment_bytes=segment_bytes)


def record(seq: int, *, has_events: bool = False) -> bytes:
    events = [EVENT] if has_events else []
    report = Report("a-1", "boot-1", seq, 0, "", NOW, noise(seq), events)
    return encode(report, NOW, 0.0)


def on_disk(directory: Path) -> list[int]:
    """The numbers that a new start would find, in the order of the log."""
    return [read_head(found.payload).seq for found in SegmentLog(directory).read()]


@pytest.mark.parametrize("failing_renewals", [0, 2])
def test_store_writes_again_what_a_failed_sync_may_have_lost(
    tmp_path: Path, failing_renewals: int
) -> None:
    """It is cut off, waits in memory, and goes into another file: the old one is not trusted.

    A later sync of that file would say that all is well, whatever the disk had dropped.
    """
    disk = Disk()
    store = SpoolStore(tmp_path, max_bytes=1 << 20, open_log=disk)
    (good,) = store.write(1, record(1)).values()

    disk.syncs, disk.failing_renewals = [False], failing_renewals
    assert store.write(2, record(2)) == {}
    assert "Input/output" in store.refusal
    for seq in range(3, 3 + failing_renewals):
        assert store.write(seq, record(seq)) == {}
    last = 3 + failing_renewals
    places = store.write(last, record(last))

    assert store.refusal == ""
    assert store.memory_bytes == 0
    assert set(places) == set(range(2, last + 1))
    assert all(place.segment > good.segment for place in places.values())
    assert [store.read(seq, place) for seq, place in places.items()] == [
        record(seq) for seq in places
    ]
    store.close()
    assert on_disk(tmp_path) == list(range(1, last + 1))


def test_store_keeps_what_it_has_when_copies_cannot_be_made_durable(tmp_path: Path) -> None:
    """Events that move to make room leave their old place only when the new one is safe."""
    disk = Disk()
    limits = SpoolLimits(max_bytes=64 << 10)
    shelf = SpoolShelf(
        tmp_path, boot_crc=boot_crc("b"), limits=limits, now=lambda: NOW, uptime=lambda: 0.0,
        open_log=disk,
    )  # fmt: skip
    with_events = {1, 2, 3}
    seq = 0
    while shelf.store.size_bytes <= limits.max_bytes - (4 << 10):
        seq += 1
        is_event = seq in with_events
        shelf.put(Entry(seq, IN_MEMORY, is_event, NOW, 0.0), record(seq, has_events=is_event))

    for syncs in ([[True, False]] * 4, [[]] * 8):
        for disk.syncs in map(list, syncs):
            seq += 1
            shelf.put(Entry(seq, IN_MEMORY, False, NOW, 0.0), record(seq))
    shelf.close()
    assert disk.failed == 1

    again = SpoolShelf(
        tmp_path, boot_crc=boot_crc("b"), limits=limits, now=lambda: NOW, uptime=lambda: 0.0
    )  # fmt: skip
    for number in with_events:
        entry = again.index.get(number)
        assert entry is not None
        assert again.store.read(number, entry.position) == record(number, has_events=True)
    assert again.ledger.lost == 0
    assert len(again.index) + again.ledger.dropped == seq
