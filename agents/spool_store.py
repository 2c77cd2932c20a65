"""Where spooled records lie: the segment log, and memory for as long as the disk refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.records import read_head
from agents.segments import Position, SegmentLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agents.records import Head

MIN_SEGMENT_BYTES = 16 << 10
MAX_SEGMENT_BYTES = 1 << 20


class SpoolStore:
    """Records by place on disk, or by `seq` in memory.

    Attributes:
        refusal: Why the disk refused the last write; empty when it took it.
        damaged: Records that could not be read since the store was opened.
        memory_bytes: Bytes of the records that wait in memory.

    Raises:
        OSError: On opening: there are records in the directory and they cannot be read.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self._directory = directory
        self._segment_bytes = min(MAX_SEGMENT_BYTES, max(MIN_SEGMENT_BYTES, max_bytes // 64))
        self._memory: dict[int, bytes] = {}
        self._log: SegmentLog | None = None
        self.memory_bytes = 0
        self.damaged = 0
        self.refusal = ""
        try:
            self._log = self._open()
        except OSError as error:
            if directory.is_dir() and next(directory.glob("*.seg"), None):
                raise
            self.refusal = str(error)
        if self._log is not None and self._log.is_read_only:
            self.refusal = f"{directory} is read-only"

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        return self._log.size_bytes if self._log else 0

    @property
    def first_segment(self) -> int:
        """The number of the oldest file."""
        return self._log.start.segment if self._log else 0

    @property
    def last_segment(self) -> int:
        """The number of the file that is being written."""
        return self._log.end.segment if self._log else 0

    @property
    def has_newest_in_last_segment(self) -> bool:
        """Whether the file that is being written holds a record, so that the rest may go."""
        return self._log is not None and self._log.end.offset > 0

    def scan(self) -> Iterator[tuple[Position, Head]]:
        """Yield every readable record on disk in the order of the log."""
        if self._log is None:
            return
        for record in self._log.read():
            try:
                yield record.position, read_head(record.payload)
            except ValueError:
                self.damaged += 1
        self.damaged += self._log.damaged

    def write(self, seq: int, payload: bytes) -> dict[int, Position]:
        """Put a record and all that wait in memory on disk, durable.

        Returns:
            Where each of them is now; empty while the disk refuses, then all wait in memory.
        """
        self._memory[seq] = payload
        self.memory_bytes += len(payload)
        try:
            log = self._writable_log()
            positions = log.append(list(self._memory.values()))
        except OSError as error:
            self.refusal = str(error)
            return {}
        placed = dict(zip(self._memory, positions, strict=True))
        self._memory.clear()
        self.memory_bytes = 0
        self.refusal = ""
        self.sync()
        return placed

    def append_again(self, payload: bytes) -> Position:
        """Write a copy of a record at the end of the log, not yet durable.

        Raises:
            OSError: The disk refused.
        """
        return self._writable_log().append([payload])[0]

    def sync(self) -> None:
        """Make durable what was appended; a disk that refuses that is as good as read-only."""
        try:
            if self._log is not None and not self._log.is_read_only:
                self._log.sync()
        except OSError as error:
            self.refusal = str(error)

    def read(self, seq: int, position: Position) -> bytes | None:
        """Return a record; None and counted when it is damaged."""
        if seq in self._memory:
            return self._memory[seq]
        try:
            record = next(self._log.read(position), None) if self._log else None
            if record and record.position == position and read_head(record.payload).seq == seq:
                return record.payload
        except (OSError, ValueError):
            pass
        self.damaged += 1
        return None

    def forget(self, seq: int) -> None:
        """Let go of a record that waits in memory; on disk it goes with its file."""
        self.memory_bytes -= len(self._memory.pop(seq, b""))

    def drop_before(self, position: Position | None) -> None:
        """Delete the files that end before the position, or all but the last for None."""
        if self._log is None:
            return
        try:
            self._log.drop_before(position or self._log.end)
        except OSError as error:
            self.refusal = str(error)

    def close(self) -> None:
        """Make durable and let go of the file."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _open(self) -> SegmentLog:
        return SegmentLog(self._directory, segment_bytes=self._segment_bytes)

    def _writable_log(self) -> SegmentLog:
        """Open again what was read-only: places stay what they were."""
        if self._log is None or self._log.is_read_only:
            again = self._open()
            if self._log is not None:
                self._log.close()
            self._log = again
        return self._log
