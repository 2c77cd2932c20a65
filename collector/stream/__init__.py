"""A durable log with consumer positions: what every accepted report goes through first."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


class StreamUnavailable(Exception):
    """Nothing was stored: say so to the sender, who keeps the report and comes again."""


class Kind(IntEnum):
    """What a record holds."""

    REPORT = 1
    CONTACT = 2
    ALERTS = 4


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


class StreamRecord(NamedTuple):
    """What is stored of one accepted request.

    Attributes:
        agent: Of alerts the outside source.
        state: The state that the answer handed out; of alerts the form of the body.
        body: Of a report the compressed body as received; of a contact the state it presented; of
            alerts the body as received, compressed by us.
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

    def submit(
        self,
        record: StreamRecord,
        stored: Callable[[Bookmark], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Make the record durable, together with others that came at the same time.

        `stored` is called with where the record ends, in the order of the log. `failed` is called
        instead: with StreamUnavailable when nothing of it was stored, else with what `stored`
        itself raised.
        """

    def read(self, start: Bookmark) -> Iterator[Entry]:
        """Yield what follows `start`; who finds a number above its own has lost records."""

    def since(self, instant: datetime) -> Bookmark:
        """Return a place at or before the first record received at `instant`."""
