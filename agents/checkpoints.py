"""Keeps the collector's signed checkpoints away from the collector: a small file that thins out.

Whoever could rewrite the collector's database cannot rewrite these. They are notes of
c2sp.org/tlog-checkpoint, one after the other, as `wanwatch audit verify --checkpoint` reads them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from agents.files import replace_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

log = logging.getLogger(__name__)
FILE = "checkpoints.txt"
MOST = 64
MAX_NOTE_CHARACTERS = 2_000
_SIGNATURE = "\u2014 "


class Checkpoints:
    """One file; when it is full, every second of the older half goes.

    Args:
        path: Where it is; what is there already stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes: list[str] | None = None
        self._trouble = ""

    def heard(self, body: Mapping[str, Any] | None) -> None:
        """Keep the checkpoint of an answer, if it has one; never fails."""
        note = (body or {}).get("checkpoint")
        if isinstance(note, str) and is_note(note):
            self.keep(note)

    def keep(self, note: str) -> None:
        """Keep one; a disk that refuses costs it, and is said once."""
        if self._notes is None:
            self._notes = self._read()
        if note in self._notes[-1:]:
            return
        self._notes = thinned([*self._notes, note])
        try:
            replace_atomically(self._path, "".join(self._notes).encode(), is_durable=False)
        except OSError as error:
            if not self._trouble:
                log.warning("%s: checkpoints of the collector are not kept: %s", self._path, error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def _read(self) -> list[str]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return []
        return split(text)


def is_note(text: str) -> bool:
    """Say whether this can be one signed note: its lines, an empty one, its signatures."""
    if len(text) > MAX_NOTE_CHARACTERS or not text.endswith("\n"):
        return False
    return len(split(text)) == 1 and "\n\n" + _SIGNATURE in text


def split(text: str) -> list[str]:
    """Return the notes of a file: each ends with its signature lines."""
    notes: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1].startswith(_SIGNATURE) and not line.startswith(_SIGNATURE):
            notes.append("\n".join(lines) + "\n")
            lines = []
        if line or lines:
            lines.append(line)
    if lines:
        notes.append("\n".join(lines) + "\n")
    return notes


def thinned(notes: list[str]) -> list[str]:
    """Return at most `MOST`: the newer half whole, of the older one every second."""
    if len(notes) <= MOST:
        return notes
    half = MOST // 2
    return [*notes[:half:2], *notes[half:]]
