"""How many hosts of a unit are usually heard at an hour, by former days of the same kind.

A day is 48 half hours, each with the least and the most hosts that were heard in it. A day on
which nobody of the unit was ever heard says nothing of its habits: it was an outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

SLOT_MINUTES = 30
SLOTS = 24 * 60 // SLOT_MINUTES
KEPT_DAYS = 14
MIN_DAYS = 3
# Who switches off a little earlier than usual is not missed.
EARLY = timedelta(minutes=15)

Slot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the hosts of one kind in one unit.

    Attributes:
        hosts: How many had ever reported by then.
        slots: The least and the most heard in each half hour; None where nobody counted.
    """

    unit: str
    kind: str
    day: date
    hosts: int
    slots: tuple[Slot | None, ...]

    @property
    def most(self) -> int:
        """Return the most that were heard at any time of the day."""
        return max((slot[1] for slot in self.slots if slot is not None), default=0)


def slot_of(local: datetime) -> int:
    """Return the half hour of the day that an instant lies in, from 0."""
    return (local.hour * 60 + local.minute) // SLOT_MINUTES


def usual_present(
    days: Iterable[Day], local: datetime, is_working_day: Callable[[date], bool]
) -> int | None:
    """Return how many hosts of a unit are heard at this hour on a usual day of this kind.

    Working days are compared with working days, free days with free days; fewer than three of
    them are no habit. Of each day the least of this half hour and of the one that begins soon.
    """
    today = local.date()
    slots = {slot_of(local), slot_of(local + EARLY)}
    totals: dict[date, int] = {}
    attended: dict[date, int] = {}
    for day in days:
        age = (today - day.day).days
        if not 0 < age <= KEPT_DAYS or is_working_day(day.day) is not is_working_day(today):
            continue
        lows = [slot[0] for slot in map(day.slots.__getitem__, slots) if slot is not None]
        if lows:
            totals[day.day] = totals.get(day.day, 0) + min(lows)
            attended[day.day] = attended.get(day.day, 0) + day.most
    known = [total for day, total in totals.items() if attended[day]]
    return median_low(known) if len(known) >= MIN_DAYS else None
