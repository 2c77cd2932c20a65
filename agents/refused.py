"""Reports that the collector will never take, kept for a person to look at; few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.files import replace_atomically

if TYPE_CHECKING:
    from pathlib import Path

MOST_FILES = 100
MAX_BYTES = 8 << 20


def keep(directory: Path, seq: int, body: bytes) -> str:
    """Keep the body as it was sent, deleting the oldest beyond 100 files or 8 MiB.

    Returns:
        Where it is, or why it could not be kept: a report is not worth a stop.
    """
    path = directory / f"{seq:016d}.json.gz"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        replace_atomically(path, body, is_durable=False)
        _make_room(directory)
    except OSError as error:
        return f"not kept: {error}"
    return f"kept as {path}"


def _make_room(directory: Path) -> None:
    files = sorted(directory.glob("*.json.gz"), reverse=True)
    room_bytes = MAX_BYTES
    for number, file in enumerate(files):
        room_bytes -= file.stat().st_size
        if number >= MOST_FILES or room_bytes < 0:
            file.unlink()
