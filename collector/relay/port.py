"""The serial port of a modem: bytes out, lines in."""

from __future__ import annotations

import asyncio
import fcntl
import os
import termios
import tty
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROMPT = ">"
MAX_LINE_BYTES = 4096
_CHUNK_BYTES = 4096


class PortLostError(Exception):
    """The port cannot be opened or is gone; the text says which and why."""


class Port:
    """An open port, this process's alone.

    Args:
        on_line: Gets each line without its ends, and `PROMPT` when the modem waits for a message.
        on_lost: Called once when the port is gone, with the reason.
    """

    def __init__(
        self, path: Path, speed: int, *, on_line: Callable[[str], None],
        on_lost: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._path, self._on_line, self._on_lost = path, on_line, on_lost
        self._buffer = b""
        try:
            self._fd: int | None = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError as error:
            raise PortLostError(f"{path}: cannot be opened: {error.strerror}") from None
        try:
            fcntl.ioctl(self._fd, termios.TIOCEXCL)
            _set_up(self._fd, speed)
        except (OSError, termios.error) as error:
            os.close(self._fd)
            raise PortLostError(f"{path}: is no serial port, or in use: {error}") from None
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def write(self, data: bytes) -> None:
        """Hand bytes to the modem.

        Raises:
            PortLostError: It takes none.
        """
        if self._fd is None:
            raise PortLostError(f"{self._path}: is closed")
        try:
            written = os.write(self._fd, data)
        except OSError as error:
            raise PortLostError(f"{self._path}: takes nothing: {error.strerror}") from None
        if written != len(data):
            raise PortLostError(f"{self._path}: took {written} of {len(data)} bytes")

    def close(self) -> None:
        """Let go of the port."""
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None

    def _read(self) -> None:
        if self._fd is None:
            return
        try:
            chunk = os.read(self._fd, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        if not chunk:
            self._lose("the device is gone")
            return
        *lines, self._buffer = (self._buffer + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            text = line.decode("ascii", "replace").strip()
            if text:
                self._on_line(text)
        if self._buffer.strip() == b">":
            self._buffer = b""
            self._on_line(PROMPT)
        elif len(self._buffer) > MAX_LINE_BYTES:
            self._buffer = b""

    def _lose(self, why: str) -> None:
        self.close()
        self._on_lost(f"{self._path}: {why}")


def _set_up(descriptor: int, speed: int) -> None:
    """Raw bytes, 8N1, without control lines: what every modem takes."""
    tty.setraw(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[2] |= termios.CLOCAL | termios.CREAD
    attributes[2] &= ~(termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    attributes[4] = attributes[5] = getattr(termios, f"B{speed}")
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    termios.tcflush(descriptor, termios.TCIOFLUSH)
