"""The default stream: a bounded journal of segments on the collector's own disk.

Appends that are queued while a group is written go into the next group: one write, one fdatasync.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agents.segments import Position
from collector.stream import Bookmark, Entry, StreamRecord, StreamUnavailable
from collector.stream.records import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from agents.segments import SegmentLog

MAX_BYTES = 4 << 30
MAX_AGE_SECONDS = 86_400.0
MAX_GROUP = 256


class _Waiter(NamedTuple):
    record: StreamRecord
    stored: Callable[[Bookmark], None]
    failed: Callable[[Exception], None]


class Journal:
    """A `Stream` over a `SegmentLog`; whole segments are dropped beyond its size or age.

    Attributes:
        error: Why the last group could not be stored; empty when it was.
        failures: Groups that could not be stored since the start.
    """

    def __init__(
        self,
        log: SegmentLog,
        *,
        now: Callable[[], datetime],
        max_bytes: int = MAX_BYTES,
        max_age_seconds: float = MAX_AGE_SECONDS,
    ) -> None:
        self._log, self._now = log, now
        self._max_bytes, self._max_age_seconds = max_bytes, max_age_seconds
        self._waiting: list[_Waiter] = []
        self._writing: asyncio.Future[list[Bookmark]] | None = None
        self._is_starting = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._number = _last_number(log) + 1
        self._durable = log.end
        self._needs_renewal = False
        self._checked = (0, 0.0)
        self.error = ""
        self.failures = 0

    @property
    def start(self) -> Bookmark:
        """Return where the oldest record is; its number is 0 as long as nobody has read it."""
        return Bookmark(*self._log.start, 0)

    @property
    def end(self) -> Bookmark:
        """Return where the next record will be."""
        return Bookmark(*self._durable, self._number)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        return self._log.size_bytes

    def bytes_after(self, mark: Bookmark) -> int:
        """Return the bytes of what follows a place."""
        return self._log.size_after(Position(mark.segment, mark.offset))

    @property
    def depth(self) -> int:
        """How many appends wait to become durable."""
        return len(self._waiting)

    @property
    def damaged(self) -> int:
        """Damaged stretches skipped since the journal was opened."""
        return self._log.damaged

    def submit(
        self,
        record: StreamRecord,
        stored: Callable[[Bookmark], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Make the record durable; see `Stream.submit`."""
        self._waiting.append(_Waiter(record, stored, failed))
        if self._writing is None and not self._is_starting:
            self._is_starting = True  # what else arrives in this turn of the loop goes along
            asyncio.get_running_loop().call_soon(self._start_group)

    def read(self, start: Bookmark) -> Iterator[Entry]:
        """Yield the records from `start`; see `Stream.read`. Blocks: not for the event loop."""
        for raw in self._log.read(Position(start.segment, start.offset)):
            with contextlib.suppress(ValueError):  # a whole frame that is none of ours
                number, record = decode(raw.payload)
                yield Entry(number, Bookmark(*raw.following, number + 1), record)

    def since(self, instant: datetime) -> Bookmark:
        """Return the start of the first segment that was written at or after `instant`."""
        for segment in self._log.segments():
            if segment.modified_at >= instant.timestamp():
                return Bookmark(segment.number, 0, 0)
        return self.end

    async def close(self) -> None:
        """Wait for what is queued, then let go of the files."""
        while self._is_starting or self._writing is not None:
            if self._writing is not None:
                await asyncio.wait([self._writing])
            await asyncio.sleep(0)
        self._thread.shutdown()
        self._log.close()

    def _start_group(self) -> None:
        self._is_starting = False
        group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
        loop = asyncio.get_running_loop()
        records = [waiter.record for waiter in group]
        self._writing = loop.run_in_executor(self._thread, self._write, records)
        self._writing.add_done_callback(partial(self._finish_group, group))

    def _finish_group(self, group: list[_Waiter], written: asyncio.Future[list[Bookmark]]) -> None:
        self._writing = None
        if (error := written.exception()) is not None:
            self.error, self.failures = str(error), self.failures + 1
            for waiter in group:
                waiter.failed(StreamUnavailable(f"journal: {error}"))
        else:
            self.error = ""
            for waiter, bookmark in zip(group, written.result(), strict=True):
                _tell(waiter, bookmark)
        if self._waiting:
            self._start_group()

    def _write(self, records: list[StreamRecord]) -> list[Bookmark]:
        """Store one group; runs in the journal's thread."""
        self._log.make_writable()
        if self._needs_renewal:
            self._log.renew(self._durable)
            self._durable, self._needs_renewal = self._log.end, False
        payloads = [encode(record, self._number + i) for i, record in enumerate(records)]
        starts = self._log.append(payloads)
        try:
            self._log.sync()
        except OSError:
            self._needs_renewal = True
            raise
        self._durable = self._log.end
        ends = [*starts[1:], self._durable]
        first, self._number = self._number, self._number + len(records)
        self._drop_oldest()
        return [Bookmark(*end, first + i + 1) for i, end in enumerate(ends)]

    def _drop_oldest(self) -> None:
        """Once a minute and after each new segment, delete what is too much or too old."""
        now = self._now().timestamp()
        if self._log.end.segment == self._checked[0] and now < self._checked[1] + 60:
            return
        self._checked = (self._log.end.segment, now)
        excess_bytes = self._log.size_bytes - self._max_bytes
        keep_from = self._log.start
        for segment in self._log.segments()[:-1]:
            if excess_bytes <= 0 and segment.modified_at >= now - self._max_age_seconds:
                break
            excess_bytes -= segment.size_bytes
            keep_from = Position(segment.number + 1, 0)
        with contextlib.suppress(OSError):  # what is stored is stored; a minute later it may go
            self._log.drop_before(keep_from)


def _tell(waiter: _Waiter, bookmark: Bookmark) -> None:
    try:
        waiter.stored(bookmark)
    except Exception as error:  # noqa: BLE001 - it belongs to this waiter alone
        waiter.failed(error)


def _last_number(log: SegmentLog) -> int:
    """Return the number of the last record, or 0 when there is none."""
    for segment in reversed(log.segments()):
        number = 0
        for raw in log.read(Position(segment.number, 0)):
            with contextlib.suppress(ValueError):
                number = decode(raw.payload)[0]
        if number:
            return number
    return 0
