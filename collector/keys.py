"""The collector's own secrets, one file each, readable by its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A key file cannot be used; the text says what to do."""


def read_or_make(path: Path, *, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the 32 bytes of a key file, made durably at the first call.

    Raises:
        KeyFileError: The file has another length or is readable by others.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write(path, random_bytes(KEY_BYTES))
    if os.name == "posix" and (mode := path.stat().st_mode & 0o777) & 0o077:
        raise KeyFileError(
            f"{path}: mode {mode:04o} lets others read a secret. Run `chmod 600 {path}`."
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            f"{path}: {len(key)} bytes instead of {KEY_BYTES}. Restore it from the backup; a new "
            "key would make every agent look cloned once."
        )
    return key


def _write(path: Path, key: bytes) -> None:
    """Write under another name first: a kill leaves either no key or the whole key."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
