"""A fortnight of attendance → the hours that a unit, or a kind of host in it, seems to keep.

Proposed is what is true of four days in five: the half hours in which anybody is heard. A person
approves it, changes it or declines it; nothing is expected by a proposal alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from collector.hours.expectations import WHOLE_UNIT
from collector.outages.usual import SLOT_MINUTES, SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from collector.hours.hours import Hours
    from collector.outages.usual import Day

MIN_WORKING_DAYS = 5
MIN_WEEKEND_DAYS = 2
SHARE_OF_DAYS = 0.8
# Dark for less than this is no end of hours: a restart, a blink of the mains.
MIN_DARK_SLOTS = 6
WEEKDAYS = range(5)
WEEKEND = (5, 6)
_NAMES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hours that are kept and not expected yet.

    Attributes:
        kind: Of host; empty for the whole unit.
        hours: As they are written. Attribute `days`: by how many days.
    """

    unit: str
    kind: str
    hours: str
    days: int


def propose(
    days: Iterable[Day],
    is_working_day: Callable[[date], bool],
    expected: Callable[[str], Hours],
) -> list[Proposal]:
    """Return what one unit keeps beside what is expected of it.

    Of the whole unit first; of a kind only where the unit as a whole keeps no hours.

    Args:
        days: Of one unit, of all kinds of host.
        expected: What is expected of a kind now, or of the whole unit.
    """
    found: dict[str, list[Day]] = {}
    for day in days:
        found.setdefault(day.kind, []).append(day)
    if not found:
        return []
    unit = next(iter(found.values()))[0].unit
    whole = kept(_together(found.values()), is_working_day)
    if whole is not None:
        return _if_news(unit, WHOLE_UNIT, whole, found.values(), expected)
    return [
        proposal
        for kind, own in sorted(found.items())
        if (ranges := kept(_by_day(own), is_working_day)) is not None
        for proposal in _if_news(unit, kind, ranges, [own], expected)
    ]


def kept(
    heard: dict[date, list[bool | None]], is_working_day: Callable[[date], bool]
) -> dict[int, Ranges] | None:
    """Return by weekday from when to when (minutes) anybody is heard; None: no hours are kept.

    Args:
        heard: By day whether anybody was heard in each half hour; None where nobody counted.
    """
    attended = {day: slots for day, slots in heard.items() if any(slots)}
    working = [
        slots for day, slots in attended.items() if day.weekday() < 5 and is_working_day(day)
    ]
    if len(working) < MIN_WORKING_DAYS:
        return None
    usual = _usual_slots(working)
    if SLOTS - sum(usual) < MIN_DARK_SLOTS:
        return None
    ranges = dict.fromkeys(WEEKDAYS, _ranges(usual))
    for weekday in WEEKEND:
        free = [slots for day, slots in heard.items() if day.weekday() == weekday]
        if len(free) >= MIN_WEEKEND_DAYS:
            ranges[weekday] = _ranges(_usual_slots(free))
    return ranges


def written(ranges: dict[int, Ranges]) -> str:
    """Return ranges as hours are written: `T2-T6 07:00-11:30,13:30-17:00; T7 07:30-11:30`."""
    days = [(weekday, found) for weekday, found in sorted(ranges.items()) if found]
    parts = []
    for found, group in groupby(days, key=lambda pair: pair[1]):
        numbers = [weekday for weekday, _ in group]
        for first, last in _runs(numbers):
            name = _NAMES[first] if first == last else f"{_NAMES[first]}-{_NAMES[last]}"
            times = ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in found)
            parts.append(f"{name} {times}")
    return "; ".join(parts)


def _if_news(
    unit: str,
    kind: str,
    ranges: dict[int, Ranges],
    days: Iterable[Sequence[Day]],
    expected: Callable[[str], Hours],
) -> list[Proposal]:
    flat = {(day, start, end) for day, found in ranges.items() for start, end in found}
    if not flat or _is_close(flat, set(expected(kind).ranges)):
        return []
    count = len({day.day for own in days for day in own})
    return [Proposal(unit, kind, written(ranges), count)]


def _is_close(one: set[tuple[int, int, int]], other: set[tuple[int, int, int]]) -> bool:
    """Say whether the hours of each weekday begin and end within half an hour of each other.

    The midday rest is no difference: machines may stand on through it.
    """
    return all(
        abs(a - b) <= SLOT_MINUTES
        for weekday in range(7)
        for a, b in zip(_span(one, weekday), _span(other, weekday), strict=True)
    )


def _span(ranges: set[tuple[int, int, int]], weekday: int) -> tuple[int, int]:
    own = [(start, end) for day, start, end in ranges if day == weekday]
    return (min(s for s, _ in own), max(e for _, e in own)) if own else (0, 0)


def _together(kinds: Iterable[Sequence[Day]]) -> dict[date, list[bool | None]]:
    heard: dict[date, list[bool | None]] = {}
    for own in kinds:
        for day, slots in _by_day(own).items():
            known = heard.setdefault(day, [None] * SLOTS)
            heard[day] = [_either(a, b) for a, b in zip(known, slots, strict=True)]
    return heard


def _by_day(days: Iterable[Day]) -> dict[date, list[bool | None]]:
    return {day.day: [None if slot is None else slot[1] > 0 for slot in day.slots] for day in days}


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return other if one is None else one
    return one or other


def _usual_slots(days: Sequence[list[bool | None]]) -> list[bool]:
    """Say of each half hour whether anybody is heard in it on four of five days that counted."""
    usual = []
    for slots in zip(*days, strict=True):
        counted = [slot for slot in slots if slot is not None]
        usual.append(bool(counted) and sum(counted) >= SHARE_OF_DAYS * len(counted))
    return usual


def _ranges(usual: Sequence[bool]) -> Ranges:
    found = []
    for is_on, group in groupby(range(SLOTS), key=lambda slot: usual[slot]):
        slots = list(group)
        if is_on:
            found.append((slots[0] * SLOT_MINUTES, (slots[-1] + 1) * SLOT_MINUTES))
    return tuple(found)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the runs of numbers that follow each other: [0, 1, 2, 5] → (0, 2), (5, 5)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
