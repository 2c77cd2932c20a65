"""The journal on real files: nothing is called stored that is not, and the log heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agents.segments import SegmentLog
from collector.stream import Bookmark, Kind, StreamRecord, StreamUnavailable
from collector.stream.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class StubbornLog(SegmentLog):
    """A log on a disk whose next syncs fail."""

    failures = 0
    syncs = 0

    def sync(self) -> None:
        self.syncs += 1
        if self.failures:
            self.failures -= 1
            raise OSError(5, "Input/output error")
        super().sync()


def record(text: str, received_at: datetime = NOW) -> StreamRecord:
    return StreamRecord(Kind.REPORT, "máy-1", received_at, "c2ln", "0f" * 16, text.encode())


def journal(log: SegmentLog, **limits: float) -> Journal:
    return Journal(log, now=lambda: NOW, **limits)  # type: ignore[arg-type]


async def store(stream: Journal, *texts: str) -> list[Bookmark]:
    """Append all at once; return where each ends, in the order in which they became durable."""
    ends: list[Bookmark] = []
    done: list[asyncio.Future[None]] = []
    for text in texts:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.append(waiting)

        def stored(end: Bookmark, waiting: asyncio.Future[None] = waiting) -> None:
            ends.append(end)
            waiting.set_result(None)

        stream.submit(record(text), stored, waiting.set_exception)
    await asyncio.gather(*done)
    return ends


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def texts(stream: Journal, start: Bookmark | None = None) -> list[str]:
    return [entry.record.body.decode() for entry in stream.read(start or stream.start)]


async def test_journal_returns_records_as_they_were_after_reopening(tmp_path: Path) -> None:
    """Every field comes back, numbers go on where they stopped, positions stay good."""
    first = journal(SegmentLog(tmp_path, segment_bytes=200))
    ends = [(await store(first, f"r{n}"))[0] for n in range(6)]
    await first.close()

    again = journal(SegmentLog(tmp_path, segment_bytes=200))
    entries = list(again.read(again.start))

    assert [entry.record for entry in entries] == [record(f"r{n}") for n in range(6)]
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.following for entry in entries] == ends
    assert texts(again, ends[3]) == ["r4", "r5"]
    assert (await store(again, "r6"))[0].number == 8
    await again.close()


async def test_journal_syncs_once_for_all_that_waited(tmp_path: Path) -> None:
    """What queued during one write shares the next sync, in order."""
    log = StubbornLog(tmp_path)
    stream = journal(log)

    ends = await store(stream, *(f"r{n}" for n in range(100)))

    assert log.syncs == 1
    assert ends == sorted(ends)
    assert texts(stream) == [f"r{n}" for n in range(100)]
    await stream.close()


async def test_journal_blames_the_one_whose_news_cannot_be_taken(tmp_path: Path) -> None:
    """What one waiter fails on costs it alone: the others of its group are told."""
    stream = journal(SegmentLog(tmp_path))
    ends: list[Bookmark] = []
    errors: list[Exception] = []

    def refuse(_: Bookmark) -> None:
        raise LookupError("mine")

    stream.submit(record("r1"), refuse, errors.append)
    stream.submit(record("r2"), ends.append, errors.append)
    await stream.close()

    assert [str(error) for error in errors] == ["mine"]
    assert [end.number for end in ends] == [3]


async def test_journal_refuses_while_the_disk_is_full_and_then_goes_on(full_disk: Path) -> None:
    """On a full disk nothing is called stored; with room again nothing needs a restart."""
    stream = journal(SegmentLog(full_disk / "journal"))
    await store(stream, "before")
    filler = full_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with pytest.raises(StreamUnavailable, match="No space left"):
        await store(stream, "x" * 8192)
    assert (stream.failures, "No space" in stream.error) == (1, True)
    filler.unlink()

    assert (await store(stream, "after"))[0].number == 3
    assert texts(stream) == ["before", "after"]
    assert stream.error == ""
    await stream.close()


async def test_journal_starts_a_fresh_segment_after_a_failed_sync(tmp_path: Path) -> None:
    """What a failed sync may have lost is refused and cut off; later records are safe."""
    log = StubbornLog(tmp_path)
    stream = journal(log)
    await store(stream, "before")
    log.failures = 2
    for _ in range(2):
        with pytest.raises(StreamUnavailable, match="Input/output"):
            await store(stream, "doubtful")

    await store(stream, "after")
    await stream.close()

    again = journal(SegmentLog(tmp_path))
    assert texts(again) == ["before", "after"]
    assert [entry.number for entry in again.read(again.start)] == [1, 2]
    assert again.end.segment > 1
    await again.close()


async def test_journal_does_not_start_on_a_read_only_disk(read_only_disk: Path) -> None:
    """A journal that cannot be written is found at start, not at the first report."""
    with pytest.raises(OSError, match="Read-only"):
        SegmentLog(read_only_disk / "journal")


async def test_journal_of_a_read_only_disk_is_read_and_goes_on_when_it_is_writable(
    full_disk: Path,
) -> None:
    """What is there is replayed, nothing new is called stored, and no restart is needed."""
    first = journal(SegmentLog(full_disk / "journal"))
    await store(first, "before")
    await first.close()
    remount(full_disk, "ro")
    stream = journal(SegmentLog(full_disk / "journal"))
    with pytest.raises(StreamUnavailable, match="Read-only"):
        await store(stream, "refused")
    assert texts(stream) == ["before"]
    remount(full_disk, "rw")

    assert (await store(stream, "after"))[0].number == 3
    assert texts(stream) == ["before", "after"]
    await stream.close()


async def test_journal_drops_the_oldest_beyond_its_size(tmp_path: Path) -> None:
    """The bound holds, and who fell off the end sees by the numbers how much it lost."""
    stream = journal(SegmentLog(tmp_path, segment_bytes=500), max_bytes=2_000)
    bookmark = (await store(stream, "first"))[0]
    for n in range(60):
        await store(stream, f"r{n}" * 10)

    first = next(stream.read(bookmark))

    assert stream.size_bytes <= 2_000 + 500
    assert first.number - bookmark.number > 30
    assert texts(stream)[-1] == "r59" * 10
    await stream.close()


async def test_journal_drops_what_is_older_than_a_day(tmp_path: Path) -> None:
    """Age counts from the last write to a segment."""
    log = SegmentLog(tmp_path, segment_bytes=1)
    stream = journal(log)
    for n in range(4):
        await store(stream, f"r{n}")
    for age_hours, segment in zip((30, 25, 23, 0), log.segments(), strict=True):
        at = (NOW - timedelta(hours=age_hours)).timestamp()
        os.utime(tmp_path / f"{segment.number:016d}.seg", (at, at))

    await store(stream, "r4")

    assert texts(stream) == ["r2", "r3", "r4"]
    assert stream.since(NOW - timedelta(hours=1)).segment == 4
    assert stream.since(NOW + timedelta(days=9999)) == stream.end
    await stream.close()


async def test_journal_skips_a_frame_that_is_no_record(tmp_path: Path) -> None:
    """A whole frame of another program does not stop a restart."""
    log = SegmentLog(tmp_path)
    log.append([b"short", b"\x09" + bytes(40)])
    stream = journal(log)

    await store(stream, "r")

    assert texts(stream) == ["r"]
    await stream.close()


def test_bookmark_is_read_back_from_its_text() -> None:
    """The judged position survives the facts table."""
    assert Bookmark.parse(str(Bookmark(3, 99, 7))) == Bookmark(3, 99, 7)
