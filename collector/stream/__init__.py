"""A durable log with consumer positions: what every accepted report goes through first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


class StreamUnavailable(Exception):  # noqa: N818 - the state of the stream, not of the caller
    """Nothing was stored: say so to the sender, who keeps the report and comes again."""


class Kind(IntEnum):
    """What a record holds."""

    REPORT = 1
    CONTACT = 2


class Bookmark(NamedTuple):
    """Where a consumer goes on: a place in the log and the number of the record there."""

    segment: int
    offset: int
    number: int

    def __str__(self) -> str:
        """Return the form that `parse` reads."""
        return f"{self.segment}:{self.offset}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> Bookmark:
        """Read what `str` wrote.

        Raises:
            ValueError: It is something else.
        """
        segment, offset, number = text.split(":")
        return cls(int(segment), int(offset), int(number))


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """What is stored of one accepted request.

    Attributes:
        state: The state that the answer handed out.
        body: Of a report the compressed body as received; of a contact the state it presented.
    """

    kind: Kind
    agent: str
    received_at: datetime
    signature: str
    state: str
    body: bytes


class Entry(NamedTuple):
    """A record read back, its number, and where the next one is."""

    number: int
    following: Bookmark
    record: StreamRecord


class Stream(Protocol):
    """The contract of every stream; numbers have no gaps but those of lost records."""

    @property
    def start(self) -> Bookmark:
        """Return where the oldest record that is still held is."""

    @property
    def end(self) -> Bookmark:
        """Return where the next record will be."""

    async def append(self, record: StreamRecord, stored: Callable[[Bookmark], None]) -> None:
        """Return once the record is durable.

        `stored` is called with where the record ends, in the order of the log, before any
        waiter goes on, and also when the waiter was cancelled meanwhile.

        Raises:
            StreamUnavailable: Nothing of it was stored.
        """

    def read(self, start: Bookmark) -> Iterator[Entry]:
        """Yield what follows `start`; who finds a number above its own has lost records."""

    def since(self, instant: datetime) -> Bookmark:
        """Return a place at or before the first record received at `instant`."""
