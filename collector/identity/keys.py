"""The collector's own secrets, one file each, readable by its owner alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.files import others_may_read, replace_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A secret's file cannot be used; the text says what to do."""


def read_or_make(path: Path, *, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the 32 bytes of a key file, made durably at the first call.

    Raises:
        KeyFileError: The file has another length or is readable by others.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = _content(path, lambda: random_bytes(KEY_BYTES))
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            f"{path}: {len(key)} bytes instead of {KEY_BYTES}. Restore it from the backup, "
            "or delete it: a new key is made, and older seals are then by another key."
        )
    return key


def read_or_make_token(path: Path, *, new_secret: Callable[[], str]) -> str:
    """Return the command line's token, made durably at the first call.

    Raises:
        KeyFileError: The file is empty or readable by others.
    """
    token = _content(path, lambda: new_secret().encode()).decode().strip()
    if not token:
        raise KeyFileError(f"{path}: empty. Delete it and start again for a new token.")
    return token


def _content(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read a private file; a kill while it is made leaves either none or the whole."""
    if not path.exists():
        replace_atomically(path, make(), is_durable=True)
    if others_may_read(path):
        raise KeyFileError(
            f"{path}: mode {path.stat().st_mode & 0o777:04o} lets others read a secret. "
            f"Run `chmod 600 {path}`, or make a new one if somebody may have read it."
        )
    return path.read_bytes()
