"""How much of what was expected of a unit's hosts was heard, a day at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from collector.outages.usual import SLOT_MINUTES
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from collector.hours.expected import Expected
    from collector.outages.usual import Day

_SLOT = timedelta(minutes=SLOT_MINUTES)


@dataclass(frozen=True, slots=True)
class Covered:
    """Half hours of one host that were expected of a unit on a day, and those that were heard."""

    unit: str
    day: date
    expected: int
    heard: int


def covered(
    days: Iterable[Day], expected_of: Callable[[str, str], Expected | None]
) -> list[Covered]:
    """Return what each unit and day came to.

    A half hour counts when hosts of the kind were expected in all of it and somebody counted.

    Args:
        expected_of: Unit and kind of host → when it must be on; None when nobody expects it.
    """
    sums: dict[tuple[str, date], tuple[int, int]] = {}
    for day in days:
        expected = expected_of(day.unit, day.kind)
        if expected is None:
            continue
        whole, heard = sums.get((day.unit, day.day), (0, 0))
        for number, slot in enumerate(day.slots):
            if slot is not None and _is_expected(expected, day.day, number):
                whole += day.hosts
                heard += min(slot[1], day.hosts)
        sums[day.unit, day.day] = (whole, heard)
    return [
        Covered(unit, day, whole, heard) for (unit, day), (whole, heard) in sums.items() if whole
    ]


def _is_expected(expected: Expected, day: date, number: int) -> bool:
    start = datetime.combine(day, time(), tzinfo=ZONE) + number * _SLOT
    last = start + _SLOT - timedelta(minutes=1)
    return expected.contain(start) and expected.contain(last)
