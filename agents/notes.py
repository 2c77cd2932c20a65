"""What a check or a probe remembers over a restart: a small file each, replaced on a change."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import TYPE_CHECKING

from agents.files import replace_atomically

if TYPE_CHECKING:
    from pathlib import Path


class Notes:
    """Texts by name, one set for each check that asks.

    A check's own thread alone uses its set; a probe runs in many, and changes it by `put`.

    A disk that refuses costs what a restart would remember, and nothing else.

    Args:
        directory: Where the files are; None keeps all in memory.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._known: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def of(self, check: str) -> dict[str, str]:
        """Return what the check wrote last; nothing when it never did, or the file is damaged."""
        if check not in self._known:
            self._known[check] = self._read(check)
        return dict(self._known[check])

    def keep(self, check: str, notes: dict[str, str]) -> None:
        """Remember this instead."""
        if notes == self.of(check):
            return
        self._known[check] = dict(notes)
        if self._directory is not None:
            content = json.dumps(notes, ensure_ascii=False).encode()
            with contextlib.suppress(OSError):
                replace_atomically(self._path(self._directory, check), content, is_durable=True)

    def put(self, check: str, key: str, text: str) -> str | None:
        """Remember one text of a set beside the others and return the former one, if any."""
        with self._lock:
            notes = self.of(check)
            if notes.get(key) != text:
                self.keep(check, {**notes, key: text})
            return notes.get(key)

    def _read(self, check: str) -> dict[str, str]:
        if self._directory is None:
            return {}
        try:
            found = json.loads(self._path(self._directory, check).read_bytes())
        except (OSError, ValueError):
            return {}
        is_good = isinstance(found, dict) and all(isinstance(v, str) for v in found.values())
        return found if is_good else {}

    @staticmethod
    def _path(directory: Path, check: str) -> Path:
        return directory / f"{check}.notes.json"
