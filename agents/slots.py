"""A small file that is rewritten in place: two slots in turn, of which the newest whole one counts.

Renaming a new file over the old one costs a dozen times as much, and room on a disk that is full.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from agents.files import replace_atomically, sync_data

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"WWS1"
HEADER = struct.Struct(
    "<4sIQI"
)  # magic, bytes of the content, its turn, CRC-32 of turn and content
_TURN = struct.Struct("<Q")
LEAST_SLOT_BYTES = 4096


class _Slot(NamedTuple):
    turn: int
    content: bytes


def read(path: Path) -> bytes:
    """Return the content written last.

    Raises:
        FileNotFoundError: Nothing was ever written.
        OSError: It cannot be read.
        ValueError: Neither slot is whole.
    """
    return _newest(path.read_bytes(), path).content


def _newest(file: bytes, path: Path) -> _Slot:
    half = len(file) // 2
    slots = [slot for start in (0, half) if (slot := _parse(file[start : start + half]))]
    if not slots:
        raise ValueError(f"{path}: neither of its two slots is whole")
    return max(slots)


def _parse(slot: bytes) -> _Slot | None:
    if len(slot) < HEADER.size:
        return None
    magic, length, turn, crc = HEADER.unpack_from(slot)
    content = slot[HEADER.size : HEADER.size + length]
    is_whole = magic == MAGIC and len(content) == length and _crc(turn, content) == crc
    return _Slot(turn, content) if is_whole else None


def _crc(turn: int, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(_TURN.pack(turn)))


def _frame(turn: int, content: bytes) -> bytes:
    return HEADER.pack(MAGIC, len(content), turn, _crc(turn, content)) + content


class SlotFile:
    """Writes such a file; one writer, any number of readers in other processes.

    Args:
        is_durable: Return from a write only when it survives a power loss; otherwise only a kill.
    """

    def __init__(self, path: Path, *, is_durable: bool) -> None:
        self._fd: int | None = None
        self._path, self._is_durable = path, is_durable
        self._slot_bytes = 0
        self._turn = 0

    def write(self, content: bytes) -> None:
        """Replace the content.

        Raises:
            OSError: The disk refused; the content before counts.
        """
        if self._fd is not None and os.fstat(self._fd).st_nlink == 0:
            self.close()  # somebody removed the file
        if self._fd is None:
            self._open()
        frame = _frame(self._turn + 1, content)
        if len(frame) > self._slot_bytes or self._fd is None:
            self._make(frame)
            return
        os.lseek(self._fd, (self._turn + 1) % 2 * self._slot_bytes, os.SEEK_SET)
        if os.write(self._fd, frame) < len(frame):
            raise OSError(f"{self._path}: only a part was written")
        if self._is_durable:
            sync_data(self._fd)
        self._turn += 1

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __del__(self) -> None:
        """A writer that is simply dropped holds no descriptor."""
        self.close()

    def _open(self) -> None:
        """Open the file that is there; a damaged one is made anew."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            file = self._path.read_bytes()
            self._turn = _newest(file, self._path).turn
            self._fd = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            self._slot_bytes = len(file) // 2

    def _make(self, frame: bytes) -> None:
        """Make a file with room to grow; all of its blocks are taken at once."""
        self.close()
        slot_bytes = max(LEAST_SLOT_BYTES, 1 << (2 * len(frame) - 1).bit_length())
        slot = frame.ljust(slot_bytes, b"\0")
        empty = bytes(slot_bytes)
        is_odd = (self._turn + 1) % 2
        whole = empty + slot if is_odd else slot + empty
        replace_atomically(self._path, whole, is_durable=self._is_durable)
        self._turn += 1
        self._fd = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._slot_bytes = slot_bytes
