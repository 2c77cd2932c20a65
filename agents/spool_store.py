"""Where spooled records lie: the segment log, and memory for as long as the disk refuses."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from agents.records import read_head
from agents.segments import Position, SegmentLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from agents.records import Head

MIN_SEGMENT_BYTES = 16 << 10
MAX_SEGMENT_BYTES = 256 << 10
IN_NO_FILE = Position(0, 0)


class OpenLog(Protocol):
    """Opens the log in a directory."""

    def __call__(self, directory: Path, *, segment_bytes: int) -> SegmentLog:
        """Return it, open."""


class SpoolStore:
    """Records by place on disk, or by `seq` in memory.

    Attributes:
        refusal: Why the disk refused the last write; empty when it took it.
        memory_bytes: Bytes of the records that wait in memory.

    Args:
        open_log: Opens the log in a directory, with so many bytes in each of its files.

    Raises:
        OSError: On opening: there are records in the directory and they cannot be read.
    """

    def __init__(self, directory: Path, *, max_bytes: int, open_log: OpenLog = SegmentLog) -> None:
        self._directory, self._open_log = directory, open_log
        self._segment_bytes = min(MAX_SEGMENT_BYTES, max(MIN_SEGMENT_BYTES, max_bytes // 64))
        self._memory: dict[int, bytes] = {}
        self._log: SegmentLog | None = None
        self._durable = IN_NO_FILE  # up to here everything survives a power loss
        self._is_doubtful = False  # what follows may be lost, and could not be cut off yet
        self.memory_bytes = 0
        self.refusal = ""
        try:
            self._log = self._opened()
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
            with contextlib.suppress(ValueError):
                yield record.position, read_head(record.payload)

    def write(self, seq: int, payload: bytes) -> dict[int, Position]:
        """Put a record and all that wait in memory on disk, durable.

        Returns:
            Where each of them is now; empty while the disk refuses, then all wait in memory.
        """
        self._memory[seq] = payload
        self.memory_bytes += len(payload)
        try:
            positions = self._append_durably(list(self._memory.values()))
        except OSError:
            return {}
        placed = dict(zip(self._memory, positions, strict=True))
        self._memory.clear()
        self.memory_bytes = 0
        return placed

    def write_again(self, payloads: Mapping[int, bytes]) -> dict[int, Position]:
        """Put copies of records at the end of the log, durable, and return where they are.

        Raises:
            OSError: The disk refused; only what was there before counts.
        """
        return dict(zip(payloads, self._append_durably(list(payloads.values())), strict=True))

    def _append_durably(self, payloads: Sequence[bytes]) -> list[Position]:
        """Append and sync. When the sync fails, what was appended may be lost: it is cut off.

        A later sync would call the lost pages clean, so the log goes on in another file.
        """
        try:
            log = self._writable_log()
            positions = log.append(payloads)
            self._is_doubtful = True
            log.sync()
            self._is_doubtful = False
        except OSError as error:
            self.refusal = str(error)
            raise
        self._durable, self.refusal = log.end, ""
        return positions

    def read(self, seq: int, position: Position) -> bytes | None:
        """Return a record; None when it is damaged."""
        if seq in self._memory:
            return self._memory[seq]
        try:
            record = next(self._log.read(position), None) if self._log else None
            if record and record.position == position and read_head(record.payload).seq == seq:
                return record.payload
        except (OSError, ValueError):
            pass
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

    def clear(self) -> None:
        """Give the room of all records on disk back; only when none of them is needed."""
        if self._log is None or self._log.is_read_only:
            return
        try:
            self._log.clear()
            self._durable = self._log.end
        except OSError as error:
            self.refusal = str(error)

    def close(self) -> None:
        """Make durable and let go of the file."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _opened(self) -> SegmentLog:
        """Open the log; what a killed agent had not made durable yet is made so."""
        log = self._open_log(self._directory, segment_bytes=self._segment_bytes)
        self._durable, self._is_doubtful = log.end, False
        if not log.is_read_only:
            try:
                log.sync()
            except OSError as error:
                self.refusal = str(error)
        return log

    def _writable_log(self) -> SegmentLog:
        """Open again what was read-only; go on behind what a failed sync left in doubt."""
        if self._log is None or self._log.is_read_only:
            again = self._opened()
            if self._log is not None:
                self._log.close()
            self._log = again
        if self._is_doubtful:
            self._log.renew(self._durable)
            self._durable, self._is_doubtful = self._log.end, False
        return self._log
