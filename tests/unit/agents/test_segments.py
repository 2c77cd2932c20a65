"""The log under spool and journal: what was synced is read back, whatever happened to the files."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.segments import HEADER, Position, SegmentLog
from tests.conftest import small_disk

if TYPE_CHECKING:
    from pathlib import Path


def payloads(log: SegmentLog, start: Position | None = None) -> list[bytes]:
    return [record.payload for record in log.read(start)]


def test_log_returns_what_was_appended_after_reopening(tmp_path: Path) -> None:
    """Records come back in order, over segment borders, and from a position."""
    log = SegmentLog(tmp_path, segment_bytes=40)
    positions = [log.append([f"record {n}".encode()])[0] for n in range(10)]
    log.close()

    again = SegmentLog(tmp_path, segment_bytes=40)

    assert payloads(again) == [f"record {n}".encode() for n in range(10)]
    assert payloads(again, positions[7]) == [b"record 7", b"record 8", b"record 9"]
    assert again.damaged == 0


@pytest.mark.parametrize("cut_bytes", range(1, HEADER.size + 6))
def test_log_cuts_a_torn_tail_and_goes_on(tmp_path: Path, cut_bytes: int) -> None:
    """A write cut short loses that record alone, and the next append is readable."""
    log = SegmentLog(tmp_path)
    log.append([b"whole", b"torn!"])
    log.close()
    file = next(tmp_path.glob("*.seg"))
    os.truncate(file, file.stat().st_size - cut_bytes)

    again = SegmentLog(tmp_path)
    again.append([b"next"])

    assert payloads(again) == [b"whole", b"next"]
    assert again.damaged == (1 if cut_bytes < HEADER.size + 5 else 0)


def test_log_skips_a_damaged_record_and_counts_it(tmp_path: Path) -> None:
    """One flipped byte costs one record; those behind it are delivered."""
    log = SegmentLog(tmp_path)
    log.append([b"first", b"second", b"third"])
    file = next(tmp_path.glob("*.seg"))
    content = bytearray(file.read_bytes())
    content[content.index(b"second")] ^= 0xFF
    file.write_bytes(content)

    assert payloads(log) == [b"first", b"third"]
    assert log.damaged == 1


def test_log_drops_whole_segments_only(tmp_path: Path) -> None:
    """What lies before a position is freed; the active segment always stays."""
    log = SegmentLog(tmp_path, segment_bytes=1)
    positions = [log.append([b"x"])[0] for _ in range(5)]

    freed = log.drop_before(positions[3])

    assert freed == 3 * (HEADER.size + 1)
    assert log.start == positions[3]
    assert payloads(log) == [b"x", b"x"]
    log.drop_before(Position(99, 0))
    assert payloads(log) == [b"x"]


def test_log_is_unchanged_when_the_disk_is_full(tmp_path: Path, full_disk: Path) -> None:
    """A refused write raises, leaves no half record, and the log works once there is room."""
    log = SegmentLog(full_disk)
    log.append([b"before"])
    with pytest.raises(OSError, match="No space left"):
        log.append([bytes(4 << 20)])
    log.append([b"after"])

    assert payloads(log) == [b"before", b"after"]
    log.close()


def test_log_gives_all_its_room_back(tmp_path: Path) -> None:
    """After a clear nothing is left on disk, and the next record is the first."""
    log = SegmentLog(tmp_path, segment_bytes=1)
    for _ in range(3):
        log.append([b"old"])

    log.clear()
    assert log.size_bytes == 0
    log.append([b"new"])
    log.close()

    assert payloads(SegmentLog(tmp_path)) == [b"new"]


def test_log_that_may_only_be_read_returns_records_and_refuses_more(tmp_path: Path) -> None:
    """On a disk that became read-only the records are there; `append` says what is wrong."""
    for disk in small_disk(tmp_path / "disk", size="1m"):
        log = SegmentLog(disk)
        log.append([b"one", b"two"])
        log.close()
        file = next(disk.glob("*.seg"))
        os.truncate(file, file.stat().st_size - 1)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        log = SegmentLog(disk)

        assert log.is_read_only
        assert payloads(log) == [b"one"]
        with pytest.raises(OSError, match="Read-only file system"):
            log.append([b"three"])
        log.close()


@settings(max_examples=50, deadline=None)
@given(
    records=st.lists(st.binary(max_size=200), max_size=20),
    segment_bytes=st.integers(min_value=1, max_value=300),
    damage=st.data(),
)
def test_log_never_returns_what_was_not_written(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[bytes],
    segment_bytes: int,
    damage: st.DataObject,
) -> None:
    """Whatever byte is overwritten, every record read back is one that was written, in order."""
    directory = tmp_path_factory.mktemp("log")
    log = SegmentLog(directory, segment_bytes=segment_bytes)
    for record in records:
        log.append([record])
    log.close()
    for file in directory.glob("*.seg"):
        content = bytearray(file.read_bytes())
        if content:
            at = damage.draw(st.integers(0, len(content) - 1))
            content[at] ^= damage.draw(st.integers(1, 255))
            file.write_bytes(content)

    found = payloads(SegmentLog(directory, segment_bytes=segment_bytes))

    rest = iter(records)
    assert all(any(record == candidate for candidate in rest) for record in found)
