"""Numbered files of CRC-framed records: the agent's spool and the collector's journal stand on it.

A frame is `magic(4) length(4) crc32(4) payload`, little endian. A torn tail (power loss, `kill -9`
in the middle of a write) is cut off when the log is opened; a damaged record inside is skipped by
looking for the next frame, and counted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from agents.files import sync_data, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAGIC = b"WWR1"
HEADER = struct.Struct("<4sII")
MAX_PAYLOAD_BYTES = 16 << 20
_FILE_NAME = re.compile(r"(\d{16})\.seg")


class Position(NamedTuple):
    """Where a record starts; positions compare in the order of the log."""

    segment: int
    offset: int


class Record(NamedTuple):
    """A payload, where it starts and where the next one does."""

    position: Position
    following: Position
    payload: bytes


class Segment(NamedTuple):
    """One file of the log; `modified_at` is Unix seconds by the disk's clock."""

    number: int
    size_bytes: int
    modified_at: float


class SegmentLog:
    """An append-only log in one directory; one writer, any number of readers in the same process.

    Attributes:
        damaged: Damaged stretches skipped since the log was opened.
        end: Where the next record will start.
        is_read_only: The disk let the files be read but not written when the log was opened:
            `append` refuses, a torn tail stays, until `make_writable` finds the disk writable.

    Raises:
        OSError: From any method: the disk refused. The log stays usable and unchanged.
    """

    def __init__(self, directory: Path, *, segment_bytes: int = 8 << 20) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self.damaged = 0
        self.is_read_only = False
        directory.mkdir(parents=True, exist_ok=True)
        numbers = self._numbers()
        self._sizes = {n: self._path(n).stat().st_size for n in numbers[:-1]}
        last = numbers[-1] if numbers else 1
        self._fd = self._open_for_append(last, is_new=not numbers)
        self.end = Position(last, self._cut_torn_tail(last))

    @property
    def start(self) -> Position:
        """Where the oldest record that is still held starts."""
        return Position(min(self._sizes, default=self.end.segment), 0)

    @property
    def size_bytes(self) -> int:
        """Bytes of all segments together."""
        return sum(self._sizes.values()) + self.end.offset

    def size_after(self, position: Position) -> int:
        """Return the bytes of what follows a position."""
        if position.segment >= self.end.segment:
            return max(0, self.end.offset - position.offset)
        sizes = dict(self._sizes)
        rest = max(0, sizes.get(position.segment, 0) - position.offset)
        later = sum(size for number, size in sizes.items() if number > position.segment)
        return rest + later + self.end.offset

    def append(self, payloads: Sequence[bytes]) -> list[Position]:
        """Write records and return where each starts; they are durable only after `sync`."""
        if self.is_read_only:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self._directory))
        if self.end.offset >= self._segment_bytes:
            self._roll()
        positions, parts, offset = [], [], self.end.offset
        for payload in payloads:
            if len(payload) > MAX_PAYLOAD_BYTES:
                raise ValueError(f"record of {len(payload)} bytes: at most {MAX_PAYLOAD_BYTES}")
            positions.append(Position(self.end.segment, offset))
            parts += [HEADER.pack(MAGIC, len(payload), zlib.crc32(payload)), payload]
            offset += HEADER.size + len(payload)
        self._write_all(b"".join(parts))
        self.end = Position(self.end.segment, offset)
        return positions

    def sync(self) -> None:
        """Make everything appended so far durable."""
        sync_data(self._fd)

    def read(self, start: Position | None = None) -> Iterator[Record]:
        """Yield records from `start` (default: the oldest) to what is the end when reached."""
        position = max(start or self.start, self.start)
        while position < self.end:
            is_active = position.segment == self.end.segment
            limit = self.end.offset if is_active else self._sizes.get(position.segment, 0)
            with contextlib.suppress(FileNotFoundError):
                yield from self._read_segment(position, limit)
            if is_active:
                if self.end.segment == position.segment and self.end.offset > limit:
                    position = Position(position.segment, limit)
                    continue
                if self.end.segment == position.segment:
                    return
            following = [n for n in (*self._sizes, self.end.segment) if n > position.segment]
            position = Position(min(following), 0)

    def drop_before(self, position: Position) -> int:
        """Delete the segments that end before `position`; the active one always stays.

        Returns:
            The bytes freed.
        """
        freed = 0
        if self.is_read_only:
            return freed
        for number in sorted(n for n in self._sizes if n < position.segment):
            self._path(number).unlink(missing_ok=True)
            freed += self._sizes.pop(number)
        return freed

    def segments(self) -> list[Segment]:
        """Return the files of the log, oldest first, the active one last."""
        found = []
        for number, size_bytes in sorted([*self._sizes.items(), self.end]):
            with contextlib.suppress(FileNotFoundError):
                status = self._path(number).stat()
                found.append(Segment(number, size_bytes, status.st_mtime))
        return found

    def renew(self, durable: Position) -> None:
        """Go on in a new segment after a failed `sync`; what follows `durable` is cut off.

        After a failed fdatasync the kernel may call lost pages clean: the old file cannot be
        trusted with another record.
        """
        kept = durable.offset if durable.segment == self.end.segment else 0
        os.ftruncate(self._fd, kept)
        descriptor = self._open_for_append(self.end.segment + 1, is_new=True)
        with contextlib.suppress(OSError):  # close may report the same failure again
            os.close(self._fd)
        self._fd = descriptor
        self._sizes[self.end.segment] = kept
        self.end = Position(self.end.segment + 1, 0)

    def make_writable(self) -> None:
        """Open the active file for writing, if the disk was read-only when the log was opened."""
        if not self.is_read_only:
            return
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self._path(self.end.segment), flags)
        os.close(self._fd)
        self._fd, self.is_read_only = descriptor, False
        self.end = Position(self.end.segment, self._cut_torn_tail(self.end.segment))

    def clear(self) -> None:
        """Forget every record and give their room back; positions handed out are void."""
        self.drop_before(self.end)
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        self.end = Position(self.end.segment, 0)

    def close(self) -> None:
        """Make durable and let go of the file."""
        with contextlib.suppress(OSError):
            self.sync()
        os.close(self._fd)

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:016d}.seg"

    def _numbers(self) -> list[int]:
        names = (_FILE_NAME.fullmatch(p.name) for p in self._directory.iterdir())
        return sorted(int(name[1]) for name in names if name)

    def _open_for_append(self, number: int, *, is_new: bool) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self._path(number), flags, 0o600)
        except OSError:
            if is_new:
                raise
            self.is_read_only = True
            return os.open(self._path(number), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        if is_new:
            sync_directory(self._directory)
        return descriptor

    def _cut_torn_tail(self, number: int) -> int:
        """Return the offset after the last whole record and cut off what follows it."""
        size = os.fstat(self._fd).st_size
        good = 0
        for record in self._read_segment(Position(number, 0), size):
            good = record.following.offset
        if good < size:
            self.damaged += 1
            if not self.is_read_only:
                os.ftruncate(self._fd, good)
        os.lseek(self._fd, good, os.SEEK_SET)
        return good

    def _roll(self) -> None:
        number = self.end.segment + 1
        sync_data(self._fd)
        descriptor = self._open_for_append(number, is_new=True)
        os.close(self._fd)
        self._fd = descriptor
        self._sizes[self.end.segment] = self.end.offset
        self.end = Position(number, 0)

    def _write_all(self, data: bytes) -> None:
        """Write everything or leave the file as it was (a full disk writes a part and fails)."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self.end.offset)
            os.lseek(self._fd, self.end.offset, os.SEEK_SET)
            raise

    def _read_segment(self, start: Position, limit: int) -> Iterator[Record]:
        with self._path(start.segment).open("rb") as file:
            offset = start.offset
            while offset + HEADER.size <= limit:
                file.seek(offset)
                magic, length, crc = HEADER.unpack(file.read(HEADER.size))
                end = offset + HEADER.size + length
                payload = file.read(length) if magic == MAGIC and end <= limit else None
                if payload is not None and zlib.crc32(payload) == crc:
                    here = Position(start.segment, offset)
                    yield Record(here, Position(start.segment, end), payload)
                    offset = end
                    continue
                found = self._next_magic(file.fileno(), offset + 1, limit)
                if found is None:
                    return
                self.damaged += 1
                offset = found

    @staticmethod
    def _next_magic(descriptor: int, offset: int, limit: int) -> int | None:
        """Return where the next frame may start; blocks overlap so that none is missed."""
        block_bytes = 1 << 16
        while offset < limit:
            wanted = min(block_bytes, limit - offset)
            os.lseek(descriptor, offset, os.SEEK_SET)
            block = os.read(descriptor, wanted)
            at = block.find(MAGIC)
            if at >= 0:
                return offset + at
            if len(block) < len(MAGIC):
                return None
            offset += len(block) - len(MAGIC) + 1
        return None
