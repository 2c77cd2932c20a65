"""Evidence on disk, by its SHA-256: written once, in its place only when whole."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, BinaryIO

from agents.files import sync_directory

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 1 << 20
_INCOMING = "incoming"


class TooLargeError(Exception):
    """More came than a piece of evidence may have; nothing was kept."""


class EvidenceFiles:
    """The directory of evidence: two digits of the digest, then all of it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path_of(self, sha256: str) -> Path:
        """Return where the file of a digest lies, whether it is there or not."""
        return self.directory / sha256[:2] / sha256

    def receive(self, name: str, most_bytes: int) -> Incoming:
        """Begin to take a file in; `name` is one that no other intake has.

        Raises:
            OSError: The disk refused.
        """
        folder = self.directory / _INCOMING
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Incoming(folder / name, self, most_bytes)

    def remove(self, sha256: str) -> bool:
        """Remove the content of a file; return whether there was any."""
        try:
            self.path_of(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def damage(self, sha256: str) -> str | None:
        """Say what is wrong with a file, or None when its bytes have their digest."""
        found = hashlib.sha256()
        try:
            with self.path_of(sha256).open("rb") as file:
                while piece := file.read(_PIECE):
                    found.update(piece)
        except FileNotFoundError:
            return "is missing"
        except OSError as error:
            return f"cannot be read: {error}"
        return None if found.hexdigest() == sha256 else "was changed"

    def clear_incoming(self) -> None:
        """Remove what a stop left half received."""
        folder = self.directory / _INCOMING
        if folder.is_dir():
            for path in folder.iterdir():
                path.unlink()


class Incoming:
    """A file on its way in: hashed as it comes, in its place only when it is whole.

    Attributes:
        path: Where it lies meanwhile.
        size, head: How many bytes came, and the first MiB of them.
    """

    def __init__(self, path: Path, files: EvidenceFiles, most_bytes: int) -> None:
        self.path, self._files, self._most = path, files, most_bytes
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self.size = 0
        self.head = b""

    def write(self, piece: bytes) -> None:
        """Take a part.

        Raises:
            TooLargeError: It is more than the limit.
            OSError: The disk refused.
        """
        self.size += len(piece)
        if self.size > self._most:
            raise TooLargeError(f"more than {self._most} bytes")
        if len(self.head) < _PIECE:
            self.head += piece[: _PIECE - len(self.head)]
        self._digest.update(piece)
        self._file.write(piece)

    def keep(self) -> str:
        """Make it durable in its place and return its SHA-256; the same bytes are kept once.

        Raises:
            OSError: The disk refused.
        """
        sha256 = self._digest.hexdigest()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        target = self._files.path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.replace(target)
        target.chmod(0o400)
        sync_directory(target.parent)
        return sha256

    def drop(self) -> None:
        """Forget what came."""
        self._file.close()
        self.path.unlink(missing_ok=True)
