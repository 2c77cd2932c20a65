"""Hours and the calendar of working days → whether a host or unit must be on at an instant.

Holidays are off; a swapped working Saturday has the hours of the first weekday that has any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collector.hours.hours import NO_HOURS, START_GRACE_MINUTES, Hours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from incidents.calendar import Calendar

# Mains are switched off a little before the hour, too.
CLOSING_MINUTES = 15
# After the midday rest people come back to machines that stood ready.
REST_MINUTES, REST_GRACE_MINUTES = 180, 10
# The longest run of free days that is looked through for the next change.
_HORIZON_DAYS = 31


@dataclass(frozen=True, slots=True)
class Expected:
    """When something must be on; without hours always."""

    hours: Hours = NO_HOURS
    calendar: Calendar | None = None

    @property
    def is_always(self) -> bool:
        """Say whether no instant is outside."""
        return not self.hours.ranges

    def contain(self, local: datetime, *, is_patient: bool = True) -> bool:
        """Say whether it must be on: not before the grace after a start, not at the end.

        `is_patient`: False leaves the grace out.
        """
        minute = local.hour * 60 + local.minute
        return self.is_always or any(
            (on if is_patient else start) <= minute < end
            for start, on, end in self._ranges_on(local.date())
        )

    def is_closing(self, local: datetime) -> bool:
        """Say whether a whole unit may be dark: outside its hours, or about to be."""
        soon = local + timedelta(minutes=CLOSING_MINUTES)
        return not self.contain(local) or not self.contain(soon, is_patient=False)

    def stretch_started_at(self, local: datetime) -> datetime | None:
        """Return when the hours that `local` lies in began; None outside of any, or always."""
        minute = local.hour * 60 + local.minute
        for start, _, end in self._ranges_on(local.date()):
            if start <= minute < end:
                return _at(local, 0, start)
        return None

    def next_change(self, local: datetime) -> datetime | None:
        """Return the next instant at which `contain` may change its answer."""
        for later in range(_HORIZON_DAYS if self.hours.ranges else 0):
            day = (local + timedelta(days=later)).date()
            edges = sorted(minute for _, on, end in self._ranges_on(day) for minute in (on, end))
            for edge in edges:
                at = _at(local, later, edge)
                if at > local:
                    return at
        return None

    def opens_at(self, local: datetime) -> datetime | None:
        """Return from when on it must be on for the first time that day; None: not at all."""
        first = next(iter(self._ranges_on(local.date())), None)
        return None if first is None else _at(local, 0, first[1])

    def next_opening(self, local: datetime) -> datetime | None:
        """Return when it must be on again after the hours of `local` have ended."""
        at = self.next_change(local)
        while at is not None and not self.contain(at):
            at = self.next_change(at)
        return at

    def spans(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Return the spans between two instants in which it must be on, in their order."""
        if self.is_always:
            return [(begin, end)]
        found = []
        for later in range((end.date() - begin.date()).days + 1):
            for _, on, last in self._ranges_on(begin.date() + timedelta(days=later)):
                start, stop = max(begin, _at(begin, later, on)), min(end, _at(begin, later, last))
                if start < stop:
                    found.append((start, stop))
        return found

    def _ranges_on(self, day: date) -> Iterator[tuple[int, int, int]]:
        """Yield start, from when it must be on, and end of each range of a day, in minutes."""
        ended = -REST_MINUTES - 1
        for start, end in sorted(self._written_on(day)):
            is_rest = start - ended <= REST_MINUTES
            yield start, start + (REST_GRACE_MINUTES if is_rest else START_GRACE_MINUTES), end
            ended = end

    def _written_on(self, day: date) -> Iterator[tuple[int, int]]:
        weekday = day.weekday()
        if self.calendar is not None:
            is_swapped = day in self.calendar.working_days
            if day in self.calendar.holidays and not is_swapped:
                return
            if is_swapped and not any(number == weekday for number, _, _ in self.hours.ranges):
                weekday = min((number for number, _, _ in self.hours.ranges), default=weekday)
        for number, start, end in self.hours.ranges:
            if number == weekday:
                yield start, end


def _at(local: datetime, days: int, minute: int) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=days, minutes=minute)
