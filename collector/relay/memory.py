"""Which messages have left: kept in a file, so that none is sent twice under the same id."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from loguru import logger

from agents.files import replace_atomically, sync_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REMEMBERED = 5_000
_LONGEST_FILE_BYTES = 4 << 20
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message.

    Attributes:
        digest: Of number and text: parts that left belong to this text.
        parts: How many it has; `sent`: how many of them the network took.
        references: By which the network's receipts name the parts.
        delivered: How many parts reached the telephone, where the network says so.
        voice: "": not asked for; "waiting", or the result of the call.
    """

    id: str
    digest: str = ""
    parts: int = 0
    sent: int = 0
    references: tuple[int, ...] = ()
    delivered: int = 0
    voice: str = ""
    voice_seconds: float = 0.0

    @property
    def has_left(self) -> bool:
        """Every part was taken by the network."""
        return 0 < self.parts <= self.sent


class Memory:
    """The last messages by id; each change is on disk before it counts.

    Args:
        on_later: Told what became of a message after it was taken.
    """

    def __init__(
        self, path: Path, *, on_later: Callable[[Sent], None] = lambda _sent: None
    ) -> None:
        self._path, self._on_later = path, on_later
        self._known: OrderedDict[str, Sent] = OrderedDict()
        self._by_reference: dict[int, str] = {}
        self._load()
        self._file = path.open("ab")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def of(self, message_id: str) -> Sent:
        """Return what is known of a message; one that never came has no parts."""
        return self._known.get(message_id, Sent(message_id))

    def keep(self, sent: Sent) -> None:
        """Remember this of a message.

        Raises:
            OSError: The disk refused; it is remembered until the process ends.
        """
        self._remember(sent)
        self._file.write(_line(sent))
        self._file.flush()
        sync_data(self._file.fileno())
        if self._file.tell() > _LONGEST_FILE_BYTES:
            self._shrink()

    def note_later(self, sent: Sent) -> None:
        """Remember what became of a message after it was taken, and pass it on."""
        self.keep(sent)
        self._on_later(sent)

    def note_delivered(self, reference: int) -> None:
        """Count a receipt; the youngest message with this reference is meant."""
        message_id = self._by_reference.pop(reference, None)
        if message_id is not None:
            known = self.of(message_id)
            self.note_later(replace(known, delivered=known.delivered + 1))

    def _remember(self, sent: Sent) -> None:
        for reference in sent.references[sent.delivered :]:
            self._by_reference[reference] = sent.id
        self._known[sent.id] = sent
        self._known.move_to_end(sent.id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _load(self) -> None:
        """Read what is there; a line that a power cut tore is left out and said.

        A call that was still to be made is made when the message is asked for again.
        """
        torn = 0
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        for line in filter(None, lines):
            try:
                found: dict[str, Any] = json.loads(line)
                voice = "" if found["voice"] == WAITING else found["voice"]
                references = tuple(found["references"])
                self._remember(Sent(**{**found, "references": references, "voice": voice}))
            except (ValueError, KeyError, TypeError):
                torn += 1
        if torn:
            logger.warning("{}: {} damaged lines left out", self._path, torn)
        self._write_whole()

    def _shrink(self) -> None:
        self._file.close()
        self._write_whole()
        self._file = self._path.open("ab")

    def _write_whole(self) -> None:
        content = b"".join(_line(sent) for sent in self._known.values())
        replace_atomically(self._path, content, is_durable=True)


def _line(sent: Sent) -> bytes:
    return json.dumps(asdict(sent)).encode() + b"\n"
