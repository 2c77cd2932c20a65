"""What a rule looks at: samples of one series, some of their past, and now → one number or none.

Instants are Unix seconds by our clock. A counter that goes back gives no value, never a negative
one; averages, least and greatest give none before half their window is covered.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    # value, memory, sample, the other metric's value, at, now
    Evaluator = Callable[
        ["Value", "Memory | None", float, float | None, float, float], float | None
    ]

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
    """The past of one series under one rule, in at most 61 slots.

    Attributes:
        slots, totals, counts: Of each slot its number, what it adds up to, how many samples.
        slope: The growth per slot, found when the newest slot began.
    """

    __slots__ = ("counts", "first_at", "last_at", "last_value", "slope", "slots", "totals")

    def __init__(self) -> None:
        self.first_at: float | None = None
        self.last_at = 0.0
        self.last_value = 0.0
        self.slots: deque[int] = deque(maxlen=SLOTS + 1)
        self.totals: deque[float] = deque(maxlen=SLOTS + 1)
        self.counts: deque[int] = deque(maxlen=SLOTS + 1)
        self.slope: float | None = None


def evaluate(
    value: Value, memory: Memory | None, sample: float, other: float | None, at: float, now: float
) -> float | None:
    """Return the rule's value for a sample taken at `at`; None is no evidence.

    What finite samples make infinite (a division by nearly nothing) is no evidence either.
    """
    found = EVALUATORS[value.function](value, memory, sample, other, at, now)
    return found if found is not None and isfinite(found) else None


def _last(
    _value: Value, _memory: Memory | None, sample: float, _other: float | None, _at: float, _: float
) -> float:
    return sample


def _age(
    _value: Value, _memory: Memory | None, sample: float, _o: float | None, _at: float, now: float
) -> float:
    return now - sample


def _ratio(
    _value: Value, _memory: Memory | None, sample: float, other: float | None, _at: float, _: float
) -> float | None:
    return sample / other if other else None


def _rate(
    _value: Value, memory: Memory | None, sample: float, _other: float | None, at: float, _: float
) -> float | None:
    assert memory is not None
    grown, seconds = sample - memory.last_value, at - memory.last_at
    is_first = memory.first_at is None
    _note(memory, sample, at)
    return None if is_first or grown < 0 or seconds <= 0 else grown / seconds


def _increase(
    value: Value, memory: Memory | None, sample: float, _other: float | None, at: float, _: float
) -> float | None:
    assert memory is not None
    grown, is_first = sample - memory.last_value, memory.first_at is None
    _note(memory, sample, at)
    _put(memory, value.seconds, 0.0 if is_first or grown < 0 else grown, at, "increase")
    return None if is_first or grown < 0 else sum(memory.totals)


def _over_time(
    value: Value, memory: Memory | None, sample: float, _other: float | None, at: float, _: float
) -> float | None:
    assert memory is not None
    _note(memory, sample, at)
    _put(memory, value.seconds, sample, at, value.function)
    assert memory.first_at is not None
    if at - memory.first_at < value.seconds / 2:
        return None
    if value.function == "avg":
        return sum(memory.totals) / sum(memory.counts)
    return min(memory.totals) if value.function == "min" else max(memory.totals)


def _fill(
    value: Value, memory: Memory | None, used: float, size: float | None, at: float, _: float
) -> float | None:
    """Return how full it will be at the horizon by its trend; at least how full it is."""
    assert memory is not None
    if not size:
        return None
    _note(memory, used, at)
    if _put(memory, value.memory_seconds, used, at, "last"):
        memory.slope = None
    assert memory.first_at is not None
    is_young = at - memory.first_at < value.memory_seconds / 2
    if is_young or len(memory.slots) < MIN_TREND_POINTS:
        return None
    filled = used / size
    if filled < MIN_FILLED_RATIO:
        return filled
    if memory.slope is None:
        memory.slope = _slope(memory)
    per_second = memory.slope / (value.memory_seconds / SLOTS)
    return max(filled, (used + per_second * value.seconds) / size)


EVALUATORS: dict[Function, Evaluator] = {
    "last": _last,
    "absent": _last,
    "age": _age,
    "ratio": _ratio,
    "rate": _rate,
    "increase": _increase,
    "avg": _over_time,
    "min": _over_time,
    "max": _over_time,
    "fills_within": _fill,
}


def _note(memory: Memory, sample: float, at: float) -> None:
    if memory.first_at is None:
        memory.first_at = at
    memory.last_at, memory.last_value = at, sample


def _slope(memory: Memory) -> float:
    """Return the least-squares growth per slot."""
    count = len(memory.slots)
    mean_x, mean_y = sum(memory.slots) / count, sum(memory.totals) / count
    spread = sum((slot - mean_x) ** 2 for slot in memory.slots)
    both = zip(memory.slots, memory.totals, strict=True)
    return sum((slot - mean_x) * (last - mean_y) for slot, last in both) / spread


def _put(memory: Memory, window_seconds: float, number: float, at: float, how: str) -> bool:
    """Add a number to its slot, let go of what lies before the window; say if a slot began."""
    slot = int(at // (window_seconds / SLOTS))
    slots, totals, counts = memory.slots, memory.totals, memory.counts
    while slots and slots[0] <= slot - SLOTS:
        slots.popleft()
        totals.popleft()
        counts.popleft()
    if not slots or slots[-1] < slot:
        slots.append(slot)
        totals.append(number)
        counts.append(1)
        return True
    if how in ("avg", "increase"):
        number += totals[-1]
    elif how in ("min", "max"):
        number = min(number, totals[-1]) if how == "min" else max(number, totals[-1])
    totals[-1] = number
    counts[-1] += 1
    return False
