"""What a rule looks at: samples of one series, some of their past, and now → one number or none.

Instants are Unix seconds by our clock. A counter that goes back gives no value, never a negative
one; averages, least and greatest give none before half their window is covered.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Function = Literal[
    "last", "rate", "increase", "avg", "min", "max", "ratio", "absent", "age", "fills_within"
]
SLOTS = 60
MAX_WINDOW_SECONDS = 3_600.0
MIN_FILLED_RATIO = 0.6
# A trend needs some past: a quarter of the horizon, at most six hours (node-mixin's window).
MAX_TREND_SECONDS = 21_600.0
MIN_TREND_POINTS = 5
WITH_MEMORY = frozenset({"rate", "increase", "avg", "min", "max", "fills_within"})


@dataclass(frozen=True, slots=True)
class Value:
    """A function, its metric, and what else it needs.

    Attributes:
        other: The second metric of `ratio` and `fills_within`, or a number in its place.
        seconds: The window of `increase`, `avg`, `min`, `max`; the horizon of `fills_within`.
    """

    function: Function
    metric: str
    other: str | float | None = None
    seconds: float = 0.0

    @property
    def memory_seconds(self) -> float:
        """Return how much of the past is kept for it."""
        if self.function == "fills_within":
            return min(self.seconds / 4, MAX_TREND_SECONDS)
        return self.seconds


class Memory:
    """The past of one series under one rule, in at most 61 slots."""

    __slots__ = ("first_at", "last_at", "last_value", "slots")

    def __init__(self) -> None:
        self.first_at: float | None = None
        self.last_at = 0.0
        self.last_value = 0.0
        # slot number, accumulated value, how many samples
        self.slots: deque[tuple[int, float, int]] = deque(maxlen=SLOTS + 1)


def evaluate(
    value: Value, memory: Memory | None, sample: float, other: float | None, at: float, now: float
) -> float | None:
    """Return the rule's value for a sample taken at `at`; None is no evidence.

    What finite samples make infinite (a division by nearly nothing) is no evidence either.
    """
    found = _evaluate(value, memory, sample, other, at, now)
    return found if found is not None and isfinite(found) else None


def _evaluate(
    value: Value, memory: Memory | None, sample: float, other: float | None, at: float, now: float
) -> float | None:
    match value.function:
        case "last" | "absent":
            return sample
        case "age":
            return now - sample
        case "ratio":
            return sample / other if other else None
        case "rate":
            assert memory is not None
            return _rate(memory, sample, at)
        case "increase":
            assert memory is not None
            return _increase(memory, value.seconds, sample, at)
        case "fills_within":
            assert memory is not None
            return _fill(value, memory, sample, other, at)
        case _:
            assert memory is not None
            return _over_time(value, memory, sample, at)


def _note(memory: Memory, sample: float, at: float) -> None:
    memory.first_at = at if memory.first_at is None else memory.first_at
    memory.last_at, memory.last_value = at, sample


def _rate(memory: Memory, sample: float, at: float) -> float | None:
    grown, seconds = sample - memory.last_value, at - memory.last_at
    is_first = memory.first_at is None
    _note(memory, sample, at)
    return None if is_first or grown < 0 or seconds <= 0 else grown / seconds


def _increase(memory: Memory, window_seconds: float, sample: float, at: float) -> float | None:
    grown, is_first = sample - memory.last_value, memory.first_at is None
    _note(memory, sample, at)
    _put(memory, window_seconds, 0.0 if is_first or grown < 0 else grown, at, "increase")
    if is_first or grown < 0:
        return None
    return sum(total for _, total, _ in memory.slots)


def _over_time(value: Value, memory: Memory, sample: float, at: float) -> float | None:
    _note(memory, sample, at)
    _put(memory, value.seconds, sample, at, value.function)
    assert memory.first_at is not None
    if at - memory.first_at < value.seconds / 2:
        return None
    if value.function == "avg":
        return sum(t for _, t, _ in memory.slots) / sum(n for _, _, n in memory.slots)
    totals = (total for _, total, _ in memory.slots)
    return min(totals) if value.function == "min" else max(totals)


def _fill(value: Value, memory: Memory, used: float, size: float | None, at: float) -> float | None:
    """Return how full it will be at the horizon by its trend; at least how full it is."""
    if not size:
        return None
    _note(memory, used, at)
    _put(memory, value.memory_seconds, used, at, "last")
    assert memory.first_at is not None
    is_young = at - memory.first_at < value.memory_seconds / 2
    if is_young or len(memory.slots) < MIN_TREND_POINTS:
        return None
    filled = used / size
    if filled < MIN_FILLED_RATIO:
        return filled
    slope = _slope(memory) / (value.memory_seconds / SLOTS)
    return max(filled, (used + slope * value.seconds) / size)


def _slope(memory: Memory) -> float:
    """Return the least-squares growth per slot."""
    count = len(memory.slots)
    mean_x = sum(slot for slot, _, _ in memory.slots) / count
    mean_y = sum(last for _, last, _ in memory.slots) / count
    spread = sum((slot - mean_x) ** 2 for slot, _, _ in memory.slots)
    return sum((slot - mean_x) * (y - mean_y) for slot, y, _ in memory.slots) / spread


def _put(memory: Memory, window_seconds: float, number: float, at: float, how: str) -> None:
    """Add a number to its slot and let go of the slots that lie before the window."""
    slot = int(at // (window_seconds / SLOTS))
    slots = memory.slots
    while slots and slots[0][0] <= slot - SLOTS:
        slots.popleft()
    if not slots or slots[-1][0] < slot:
        slots.append((slot, number, 1))
        return
    _, total, count = slots.pop()
    if how in ("avg", "increase"):
        number += total
    elif how in ("min", "max"):
        number = min(number, total) if how == "min" else max(number, total)
    slots.append((slot, number, count + 1))
