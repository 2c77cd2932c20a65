"""What a rule looks at: samples of one series, some of their past, and now → one number or none.

Instants are Unix seconds by our clock. A counter that goes back gives no value, never a negative
one; averages, least and greatest give none before half their window is covered.
"""

from __future__ import annotations

from array import array
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


class Window:
    """At most 61 slots of a series' past, each with what it adds up to and of how many samples.

    Attributes:
        total, count: Of all slots.
        slope: The growth per slot, found when the newest slot began.
    """

    __slots__ = ("count", "counts", "slope", "slots", "total", "totals")

    def __init__(self) -> None:
        self.slots = array("q")
        self.totals = array("d")
        self.counts = array("L")
        self.total = 0.0
        self.count = 0
        self.slope: float | None = None


class Memory:
    """What one rule remembers of one series."""

    __slots__ = ("first_at", "last_at", "last_value", "window")

    def __init__(self) -> None:
        self.first_at: float | None = None
        self.last_at = 0.0
        self.last_value = 0.0
        self.window: Window | None = None


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
    window = _put(memory, value.seconds, 0.0 if is_first or grown < 0 else grown, at, "increase")
    return None if is_first or grown < 0 else window.total


def _over_time(
    value: Value, memory: Memory | None, sample: float, _other: float | None, at: float, _: float
) -> float | None:
    assert memory is not None
    _note(memory, sample, at)
    window = _put(memory, value.seconds, sample, at, value.function)
    assert memory.first_at is not None
    if at - memory.first_at < value.seconds / 2:
        return None
    if value.function == "avg":
        return window.total / window.count
    return min(window.totals) if value.function == "min" else max(window.totals)


def _fill(
    value: Value, memory: Memory | None, used: float, size: float | None, at: float, _: float
) -> float | None:
    """Return how full it will be at the horizon by its trend; at least how full it is."""
    assert memory is not None
    if not size:
        return None
    _note(memory, used, at)
    window = _put(memory, value.memory_seconds, used, at, "last")
    assert memory.first_at is not None
    is_young = at - memory.first_at < value.memory_seconds / 2
    if is_young or len(window.slots) < MIN_TREND_POINTS:
        return None
    filled = used / size
    if filled < MIN_FILLED_RATIO:
        return filled
    if window.slope is None:
        window.slope = _slope(window)
    per_second = window.slope / (value.memory_seconds / SLOTS)
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


def _slope(window: Window) -> float:
    """Return the least-squares growth per slot."""
    slots, totals, count = window.slots, window.totals, len(window.slots)
    mean_x, mean_y = sum(slots) / count, sum(totals) / count
    spread = sum((slot - mean_x) ** 2 for slot in slots)
    both = zip(slots, totals, strict=True)
    return sum((slot - mean_x) * (last - mean_y) for slot, last in both) / spread


def _put(memory: Memory, window_seconds: float, number: float, at: float, how: str) -> Window:
    """Add a number to its slot and let go of the slots that lie before the window."""
    window = memory.window
    if window is None:
        window = memory.window = Window()
    slot = int(at // (window_seconds / SLOTS))
    slots, totals, counts = window.slots, window.totals, window.counts
    has_lost = False
    while slots and slots[0] <= slot - SLOTS:
        del slots[0]
        window.count -= counts.pop(0)
        has_lost |= totals.pop(0) != 0
    if has_lost:  # taking it away would leave what rounding left behind
        window.total = sum(totals)
    if not slots or slots[-1] < slot:
        slots.append(slot)
        totals.append(number)
        counts.append(0)
        window.total += number
        window.slope = None
    elif how in ("avg", "increase"):
        totals[-1] += number
        window.total += number
    elif how in ("min", "max"):
        totals[-1] = min(number, totals[-1]) if how == "min" else max(number, totals[-1])
    else:
        totals[-1] = number
    counts[-1] += 1
    window.count += 1
    return window
