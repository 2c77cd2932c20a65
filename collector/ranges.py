"""Which sequence numbers of one key have come, which come again, and which are lost for good."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

MAX_RANGES = 16
FIRST_SEQ = 1

Range = tuple[int, int]


class Arrival(Enum):
    """What a sequence number is to the collector."""

    NEW = "new"
    DUPLICATE = "duplicate"
    TOO_MANY_RANGES = "too many ranges"


class Received(NamedTuple):
    """The numbers received at or above `oldest`, as ordered ranges that never touch.

    Attributes:
        oldest: The lowest number the agent still held when it last said so.
        lost: How many numbers below `oldest` never came; each is counted once.
    """

    ranges: tuple[Range, ...] = ()
    oldest: int = 0
    lost: int = 0

    @property
    def highest(self) -> int:
        """Return the highest number received or given up; -1 before the first."""
        return max(self.oldest - 1, self.ranges[-1][1] if self.ranges else -1)


def receive(received: Received, seq: int, oldest: int) -> tuple[Arrival, Received]:
    """Say what `seq` is and return what is received with it; anything but NEW changes nothing.

    A number below `oldest` (the agent's or the highest it ever gave) is a duplicate: the agent
    had given it up. `oldest` must not be above `seq`. One place is kept for the range that
    starts at `oldest`: what the agent sends to close its gaps, lowest first, is never put off.
    """
    if len(received.ranges) == 1:
        ((low, high),) = received.ranges
        if seq == high + 1 and low <= max(received.oldest, FIRST_SEQ):  # the usual next number
            oldest = max(oldest, received.oldest)
            return Arrival.NEW, Received(((max(low, oldest), seq),), oldest, received.lost)
    if seq < received.oldest or any(low <= seq <= high for low, high in received.ranges):
        return Arrival.DUPLICATE, received
    moved = _raise_oldest(received, oldest)
    ranges = _insert(moved.ranges, seq)
    starts_at_oldest = ranges[0][0] <= moved.oldest
    if len(ranges) > MAX_RANGES - (not starts_at_oldest):
        return Arrival.TOO_MANY_RANGES, received
    return Arrival.NEW, Received(ranges, moved.oldest, moved.lost)


def _raise_oldest(received: Received, oldest: int) -> Received:
    """Give up what lies below `oldest` and count what of it never came."""
    if oldest <= received.oldest:
        return received
    start = max(received.oldest, FIRST_SEQ)
    came = sum(max(0, min(high, oldest - 1) - max(low, start) + 1) for low, high in received.ranges)
    kept = tuple((max(low, oldest), high) for low, high in received.ranges if high >= oldest)
    return Received(kept, oldest, received.lost + max(0, oldest - start - came))


def _insert(ranges: tuple[Range, ...], seq: int) -> tuple[Range, ...]:
    """Add one number, joining the ranges it touches."""
    if ranges and ranges[-1][1] == seq - 1:
        return (*ranges[:-1], (ranges[-1][0], seq))
    below = [r for r in ranges if r[1] < seq - 1]
    above = [r for r in ranges if r[0] > seq + 1]
    touching = [r for r in ranges if r[1] >= seq - 1 and r[0] <= seq + 1]
    low = min([seq, *(r[0] for r in touching)])
    high = max([seq, *(r[1] for r in touching)])
    return (*below, (low, high), *above)
