"""Counts who is heard, half hour by half hour, for comparing an hour with former days."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from collector.liveness import HEARD, MAX_SETTLING_SECONDS
from collector.outages.usual import KEPT_DAYS, SLOTS, Day, slot_of, usual_present
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.outages.usual import Slot

Key = tuple[str, str, date]
SATURDAY = 5


class Attendance:
    """The last fortnight by unit, kind and day; lives on the event loop."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._slots: dict[str, dict[tuple[str, date], list[Slot | None]]] = {}
        self._hosts: Counter[tuple[str, str]] = Counter()
        self._changed: set[Key] = set()
        self._usual: dict[str, tuple[object, int | None]] = {}

    def load(self, days: Iterable[Day]) -> None:
        """Take over what was counted before this process began."""
        for day in days:
            self._slots.setdefault(day.unit, {})[day.kind, day.day] = list(day.slots)
            self._hosts[day.unit, day.kind] = day.hosts

    def sample(self, now: datetime) -> None:
        """Count who is heard now; not in the time in which nobody can be missed yet."""
        if now - self._fleet.started_at < timedelta(seconds=MAX_SETTLING_SECONDS):
            return
        local = now.astimezone(ZONE)
        heard: Counter[tuple[str, str]] = Counter()
        known: Counter[tuple[str, str]] = Counter()
        for host in self._fleet.approved():
            if host.last_report_at is not None:
                known[host.unit, host.kind] += 1
                heard[host.unit, host.kind] += host.liveness in HEARD
        for (unit, kind), hosts in known.items():
            self._hosts[unit, kind] = hosts
            self._count(unit, kind, local, heard[unit, kind])

    def usual(self, unit: str, now: datetime) -> int | None:
        """Return how many hosts of a unit are heard at this hour on a usual day of this kind."""
        local = now.astimezone(ZONE)
        when = (local.date(), local.hour, local.minute)
        known = self._usual.get(unit)
        if known is None or known[0] != when:
            answer = usual_present(self.days_of(unit), local, self.is_working_day)
            known = self._usual[unit] = (when, answer)
        return known[1]

    def days_of(self, unit: str) -> list[Day]:
        """Return what is known of a unit."""
        return [
            Day(unit, kind, day, self._hosts[unit, kind], tuple(slots))
            for (kind, day), slots in self._slots.get(unit, {}).items()
        ]

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day, by the calendar where there is one."""
        calendar = self._fleet.calendar
        return day.weekday() < SATURDAY if calendar is None else calendar.is_working_day(day)

    def take_changed(self) -> list[Day]:
        """Return the days that were counted on since the last time."""
        changed, self._changed = self._changed, set()
        return [
            Day(unit, kind, day, self._hosts[unit, kind], tuple(slots))
            for unit, kind, day in sorted(changed)
            if (slots := self._slots.get(unit, {}).get((kind, day))) is not None
        ]

    def put_back(self, days: Iterable[Day]) -> None:
        """Store them the next time: they could not be stored."""
        self._changed |= {(day.unit, day.kind, day.day) for day in days}

    def _count(self, unit: str, kind: str, local: datetime, heard: int) -> None:
        days = self._slots.setdefault(unit, {})
        today = local.date()
        if (kind, today) not in days:
            days[kind, today] = [None] * SLOTS
            oldest = today - timedelta(days=KEPT_DAYS)
            for old in [key for key in days if key[1] < oldest]:
                del days[old]
        slots, slot = days[kind, today], slot_of(local)
        low, high = slots[slot] or (heard, heard)
        slots[slot] = (min(low, heard), max(high, heard))
        self._changed.add((unit, kind, today))


def today(now: datetime) -> date:
    """Return the day where the province is."""
    return now.astimezone(ZONE).date()


def first_day(now: datetime) -> date:
    """Return the first day of the fortnight that is kept."""
    return today(now) - timedelta(days=KEPT_DAYS)
