"""A set of whole numbers kept as ranges: what was settled is a few of them, however many."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ranges:
    """Sorted, disjoint, inclusive ranges that never touch each other."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._pairs: list[tuple[int, int]] = []
        for low, high in pairs:
            self.add(low, high)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The ranges as (lowest, highest)."""
        return list(self._pairs)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._pairs, number, key=lambda pair: pair[0]) - 1
        return at >= 0 and number <= self._pairs[at][1]

    def add(self, low: int, high: int | None = None) -> None:
        """Put in one number, or all from `low` to `high`; ranges that meet become one."""
        high = low if high is None else high
        if high < low:
            raise ValueError(f"range {low}–{high}: it ends before it begins")
        start = bisect_right(self._pairs, low - 1, key=lambda pair: pair[0])
        if start and self._pairs[start - 1][1] >= low - 1:
            start -= 1
        end = bisect_right(self._pairs, high + 1, key=lambda pair: pair[0])
        met = self._pairs[start:end]
        if met:
            low, high = min(low, met[0][0]), max(high, met[-1][1])
        self._pairs[start:end] = [(low, high)]

    def gaps(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return the ranges of what is missing from `low` to `high`."""
        found = []
        for first, last in self._pairs:
            if last < low:
                continue
            if first > high:
                break
            if first > low:
                found.append((low, first - 1))
            low = last + 1
        if low <= high:
            found.append((low, high))
        return found

    def discard_below(self, number: int) -> None:
        """Take out everything lower than `number`."""
        self._pairs = [(max(low, number), high) for low, high in self._pairs if high >= number]
