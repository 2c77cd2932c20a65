"""The last request and its answer in a file, so that `status` can show exactly what went out."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from agents import slots

if TYPE_CHECKING:
    from pathlib import Path

FILE = "last_sent"
GZIP = 31  # Source: zlib's manual, windowBits of inflateInit2


@dataclass(frozen=True, slots=True)
class LastSent:
    """One request; instants are Unix time in seconds.

    Attributes:
        body: The body as it went over the wire, gzip.
        answer: Status code and meaning, or why none came.
        is_accepted: The collector answered 202.
        queue: Reports held after this request.
    """

    sent_at: float
    collector: str
    seq: int
    lane: str
    answer: str
    is_accepted: bool
    queue: int
    body: bytes

    def text(self) -> str:
        """The body unpacked: exactly what was sent, to the byte."""
        return zlib.decompress(self.body, GZIP).decode()

    def to_bytes(self) -> bytes:
        """Return the file's content: a line of JSON, then the body as it is."""
        names = (field.name for field in fields(self) if field.name != "body")
        line = json.dumps({name: getattr(self, name) for name in names})
        return line.encode() + b"\n" + self.body


def file(directory: Path) -> slots.SlotFile:
    """Return the file to write to; it need not survive a power loss."""
    return slots.SlotFile(directory / FILE, is_durable=False)


def read(directory: Path) -> LastSent | None:
    """Return the last request; None when nothing was ever sent from this directory.

    Raises:
        OSError, ValueError: The file cannot be read or is damaged.
    """
    path = directory / FILE
    try:
        line, _, body = slots.read(path).partition(b"\n")
    except FileNotFoundError:
        return None
    try:
        content: dict[str, Any] = json.loads(line)
        return LastSent(**content, body=body)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error
