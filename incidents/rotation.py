"""Whose turn it is in a layer: counted, never walked, so that a rota of years costs nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.oncall_schedules import WEEKDAYS, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from incidents.oncall_schedules import Layer, ShiftTime

_WEEK = 7
_DAY = timedelta(days=1)


def whose_turn(
    layer: Layer, shifts: Sequence[ShiftTime], index: int, day: date, holidays: frozenset[date]
) -> str | None:
    """Return the person of a layer for a shift; None: the layer does not cover it.

    Args:
        shifts: Those of the schedule, by their start; `index` is the one that is asked about.
        day: The day on which it begins.
    """
    covered = [
        i for i, shift in enumerate(shifts) if not layer.shifts or shift.name in layer.shifts
    ]
    if index not in covered or not _applies(layer, day, holidays):
        return None
    if isinstance(layer.rotation, Turn):
        before = _days(layer, layer.start, day, holidays) * len(covered) + covered.index(index)
        turn = before // layer.rotation.shifts
    else:
        turn_day = _turn_day(layer, shifts, shifts[index].start, day)
        if layer.rotation == "weekly":
            turn = (turn_day - layer.start).days // _WEEK
        else:
            turn = _days(layer, layer.start, turn_day, holidays)
    return layer.persons[turn % len(layer.persons)]


def _turn_day(layer: Layer, shifts: Sequence[ShiftTime], start: time, day: date) -> date:
    """The day whose handover was the last one before a shift begins."""
    handover = layer.handover or shifts[0].start
    return day if start >= handover else max(day - _DAY, layer.start)


def _applies(layer: Layer, day: date, holidays: frozenset[date]) -> bool:
    if day < layer.start or (layer.until is not None and day > layer.until):
        return False
    if WEEKDAYS[day.weekday()] not in layer.weekdays:
        return False
    return layer.holidays == "any" or (day in holidays) == (layer.holidays == "only")


def _days(layer: Layer, start: date, end: date, holidays: frozenset[date]) -> int:
    """How many days the layer covers from `start` until before `end`."""
    wanted = {number for number, name in enumerate(WEEKDAYS) if name in layer.weekdays}
    weeks, rest = divmod((end - start).days, _WEEK)
    days = weeks * len(wanted) + sum((start.weekday() + n) % _WEEK in wanted for n in range(rest))
    if layer.holidays == "any":
        return days
    free = sum(1 for day in holidays if start <= day < end and day.weekday() in wanted)
    return free if layer.holidays == "only" else days - free
