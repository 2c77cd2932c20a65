"""Which reports the spool holds and where: arrays, because a full spool has 100,000 of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from agents.segments import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

# Not on disk: the disk refused, and the record waits in memory.
IN_MEMORY = Position(0, 0)
_OFFSET_BITS = 40


class Entry(NamedTuple):
    """One report that is held; `made_uptime` is NaN when it was made in an earlier boot."""

    seq: int
    position: Position
    has_events: bool
    made_at: float
    made_uptime: float


class SpoolIndex:
    """Entries in the order of `seq`; 33 bytes each."""

    def __init__(self) -> None:
        self._seqs = array("Q")
        self._places = array("Q")
        self._made_at = array("d")
        self._made_uptime = array("d")
        self._has_events = bytearray()

    def __len__(self) -> int:
        return len(self._seqs)

    def __contains__(self, seq: int) -> bool:
        return self._at(seq) is not None

    @property
    def plain_count(self) -> int:
        """How many reports have no events."""
        return self._has_events.count(0)

    def put(self, entry: Entry) -> None:
        """Add a report, or say where an old one is now."""
        at = bisect_left(self._seqs, entry.seq)
        if at == len(self._seqs) or self._seqs[at] != entry.seq:
            self._seqs.insert(at, entry.seq)
            self._places.insert(at, 0)
            self._made_at.insert(at, 0.0)
            self._made_uptime.insert(at, 0.0)
            self._has_events.insert(at, 0)
        self._places[at] = entry.position.segment << _OFFSET_BITS | entry.position.offset
        self._made_at[at] = entry.made_at
        self._made_uptime[at] = entry.made_uptime
        self._has_events[at] = entry.has_events

    def remove(self, seq: int) -> None:
        """Forget a report."""
        at = self._at(seq)
        if at is not None:
            for column in (self._seqs, self._places, self._made_at, self._made_uptime):
                del column[at]
            del self._has_events[at]

    def get(self, seq: int) -> Entry | None:
        """Return the entry, or None when it is not held."""
        at = self._at(seq)
        return None if at is None else self._entry(at)

    def first(self) -> Entry | None:
        """Return the entry with the lowest number."""
        return self._entry(0) if self._seqs else None

    def last(self) -> Entry | None:
        """Return the entry with the highest number."""
        return self._entry(len(self._seqs) - 1) if self._seqs else None

    def in_segment(self, segment: int) -> list[Entry]:
        """Return the entries whose records lie in one file, or in memory for segment 0."""
        places = enumerate(self._places)
        return [self._entry(at) for at, place in places if place >> _OFFSET_BITS == segment]

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the numbers that are held as ranges, lowest and highest."""
        low = high = None
        for seq in self._seqs:
            if low is None or high is None:
                low = high = seq
            elif seq == high + 1:
                high = seq
            else:
                yield low, high
                low = high = seq
        if low is not None and high is not None:
            yield low, high

    def lowest_position(self) -> Position | None:
        """Return where the first record on disk lies that is still needed."""
        lowest = min((place for place in self._places if place), default=None)
        return None if lowest is None else _position(lowest)

    def _at(self, seq: int) -> int | None:
        at = bisect_left(self._seqs, seq)
        return at if at < len(self._seqs) and self._seqs[at] == seq else None

    def _entry(self, at: int) -> Entry:
        return Entry(
            self._seqs[at],
            _position(self._places[at]),
            bool(self._has_events[at]),
            self._made_at[at],
            self._made_uptime[at],
        )


def _position(place: int) -> Position:
    return Position(place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1))
