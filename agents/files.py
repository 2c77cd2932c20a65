"""Small files replaced in one step, private ones, and the lock that keeps a second process out."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def sync_data(descriptor: int) -> None:
    """Make what was written to a file durable.

    Raises:
        OSError: The disk refused: what was written since the last time may be lost.
    """
    getattr(os, "fdatasync", os.fsync)(descriptor)  # Windows has only the latter


def replace_atomically(path: Path, content: bytes, *, is_durable: bool, mode: int = 0o600) -> None:
    """Write beside the file and rename over it: a reader sees the old or the new, never a part.

    Args:
        is_durable: Return only when the content survives a power loss; otherwise only a kill.
        mode: Who may read it, whatever the process's umask is.

    Raises:
        OSError: The disk refused; the old file is unchanged.
    """
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if os.name == "posix" and mode != 0o600:
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    if is_durable:
        sync_directory(path.parent)


def create_exclusively(path: Path, content: bytes) -> None:
    """Create a private file with all its content, durable; an existing one is left alone.

    Raises:
        FileExistsError: The file is there already.
        OSError: The disk refused; there is no file.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(new, path)
    finally:
        with contextlib.suppress(OSError):
            new.unlink()
    sync_directory(path.parent)


def others_may_read(path: Path) -> bool:
    """Say whether the mode of a file lets group or others at it; where modes mean nothing, never.

    Raises:
        OSError: There is no such file.
    """
    return os.name == "posix" and path.stat().st_mode & 0o077 != 0


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system lets a program do that."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path, *, instead: Path | None = None) -> IO[bytes]:
    """Take a lock that the system gives back when this process ends, however it ends.

    Args:
        instead: An existing file that is locked where the disk cannot be written, if there is one.

    Raises:
        BlockingIOError: Another process holds it.
        OSError: The file cannot be opened.
    """
    file: IO[bytes]
    try:
        file = path.open("ab")
    except OSError:
        if instead is None:
            raise
        file = instead.open("rb")
    try:
        _lock(file)
    except OSError as error:
        file.close()
        raise BlockingIOError(f"{path}: another process holds the lock") from error
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
