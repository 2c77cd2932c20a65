"""The last request and its answer in a file, so that `status` can show exactly what went out."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agents.files import replace_atomically

if TYPE_CHECKING:
    from pathlib import Path

FILE = "last_sent.json"


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
        return gzip.decompress(self.body).decode()


def write(directory: Path, sent: LastSent) -> None:
    """Replace the file; it need not survive a power loss.

    Raises:
        OSError: The disk refused.
    """
    content = asdict(sent) | {"body": base64.b64encode(sent.body).decode()}
    replace_atomically(directory / FILE, json.dumps(content).encode(), is_durable=False)


def read(directory: Path) -> LastSent | None:
    """Return the last request; None when nothing was ever sent from this directory.

    Raises:
        OSError, ValueError: The file cannot be read or is damaged.
    """
    try:
        content: dict[str, Any] = json.loads((directory / FILE).read_bytes())
    except FileNotFoundError:
        return None
    try:
        return LastSent(**content | {"body": base64.b64decode(content["body"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{directory / FILE}: {error}") from error
