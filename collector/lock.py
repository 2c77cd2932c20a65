"""One collector, and one `wanwatch up`, per data directory."""

from __future__ import annotations

import contextlib
import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LockedError(Exception):
    """Another process holds the lock of the directory."""


@contextlib.contextmanager
def only_one(directory: Path, *, name: str = "lock") -> Iterator[None]:
    """Hold a lock of the directory; the operating system lets go of it whatever happens to us.

    Raises:
        LockedError: Another process holds it.
    """
    path = directory / name
    with path.open("a+") as file:
        try:
            _lock(file)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(
                f"another wanwatch (process {holder}) runs on {directory}. Stop it first, or "
                "name another directory with --data."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


if os.name == "posix":
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

else:
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
