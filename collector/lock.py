"""One collector, and one `wanwatch up`, per data directory."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from agents import files

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
    try:
        file = files.lock(path)
    except BlockingIOError as error:
        holder = path.read_text(encoding="utf-8").strip() or "unknown"
        raise LockedError(
            f"another wanwatch (process {holder}) runs on {directory}. Stop it first, or "
            "name another directory with --data."
        ) from error
    with file:
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        yield
