"""What a run over history reads, wherever it comes from, and in which pieces."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from collector.stream import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collector.wire import WireReport

# What arrives within this time is judged in one turn, as in a running collector under load.
TOGETHER = timedelta(seconds=0.25)


# For so long nothing at all comes from a province only if nobody listens, or nobody can be heard.
STANDSTILL = timedelta(minutes=2)


class Recorded(NamedTuple):
    """What came at an instant of the past: a report of a host, or alerts of an outside source.

    Attributes:
        agent: Of the host; of alerts the source.
        body: As it was stored, or a report read already.
        state: What the answer handed out at the time; of alerts the form of their body.
    """

    at: datetime
    agent: str
    body: bytes | WireReport
    state: str = ""
    kind: Kind = Kind.REPORT


@dataclass
class Held:
    """What of the asked history there was; filled while it is read.

    Attributes:
        first_at, last_at: When the first and the last report of it were received.
        lost: Reports that are known to be missing in between.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    reports: int = 0
    lost: int = 0
    notes: list[str] = field(default_factory=list)


class History(Protocol):
    """Somewhere that holds reports.

    Attributes:
        held: What was found of what was asked.
    """

    held: Held

    def read(self, start: datetime, until: datetime) -> Iterator[Recorded]:
        """Yield what was received from `start` on and before `until`, in order."""


def stood_still(before: datetime, after: datetime, signs: Sequence[datetime]) -> bool:
    """Say whether nobody listened between two reports that follow each other.

    A collector that ran would have noticed that nothing came: it would have raised or ended an
    alert meanwhile.

    Args:
        signs: When alerts began or ended at the time, in order.
    """
    if after - before <= STANDSTILL:
        return False
    place = bisect_right(signs, before)
    return place == len(signs) or signs[place] >= after


def together(records: Iterator[Recorded]) -> Iterator[list[Recorded]]:
    """Yield records in the pieces in which they are judged."""
    piece: list[Recorded] = []
    for record in records:
        if piece and record.at - piece[0].at >= TOGETHER:
            yield piece
            piece = []
        piece.append(record)
    if piece:
        yield piece
