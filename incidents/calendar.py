"""Working time: office hours, holidays and swapped Saturdays; instants in, instants out.

Hours and minutes that are *elapsed* need no calendar: they run through nights, weekends and Tết.
Source: Civil Code 2015, articles 146-148, for terms in days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A calendar without a working day in this many days is a mistake in the data.
_HORIZON_DAYS = 400
_MIDNIGHT = time(0)
Span = tuple[time, time]


class NoWorkingTime(ValueError):
    """The calendar has no working time in more than a year: its data is wrong."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The spans of a working day from `valid_from` on (a province changes them by season)."""

    valid_from: date
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days are Monday to Friday without `holidays`, and the swapped `working_days`."""

    zone: str
    hours: tuple[OfficeHours, ...]
    holidays: frozenset[date]
    working_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on `day`."""
        if day in self.working_days:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def spans_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working spans of `day` as instants; none on a free day."""
        if not self.is_working_day(day):
            return
        in_force = [hours for hours in self.hours if hours.valid_from <= day]
        for start, end in in_force[-1].spans if in_force else ():
            yield self._instant(day, start), self._instant(day, end)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """Return the instant at which `amount` of working time has passed since `start`.

        Raises:
            NoWorkingTime: The calendar has no working time to count.
        """
        day = start.astimezone(ZoneInfo(self.zone)).date()
        left, last = amount, start
        for later in range(_HORIZON_DAYS + amount.days * 24):
            for span_start, span_end in self.spans_on(day + timedelta(days=later)):
                begun = max(start, span_start)
                if begun >= span_end:
                    continue
                if left <= span_end - begun:
                    return begun + left
                left -= span_end - begun
                last = span_end
        raise NoWorkingTime(f"no working time found after {last.isoformat()}: check hours")

    def end_of_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end (24:00) of the last of `days` working days; the first day is excluded."""
        day = start.astimezone(ZoneInfo(self.zone)).date()
        for _ in range(days):
            day = self._next_working_day(day + timedelta(days=1))
        return self._end_of(day)

    def end_of_calendar_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the last of `days` days, moved on to a working day if it is free."""
        day = start.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=days)
        return self._end_of(self._next_working_day(day))

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two instants."""
        total = timedelta()
        for day in self._days(start, end):
            for span_start, span_end in self.spans_on(day):
                total += max(timedelta(), min(end, span_end) - max(start, span_start))
        return total

    def working_days_begun(self, start: datetime, end: datetime) -> int:
        """Return how many working days began after `start`, up to and including `end`."""
        return sum(1 for day in self._days(start, end)[1:] if self.is_working_day(day))

    def days_begun(self, start: datetime, end: datetime) -> int:
        """Return how many days began after `start`, up to and including `end`."""
        return len(self._days(start, end)) - 1

    def later_by_working_days(self, instant: datetime, days: int) -> datetime:
        """Return an instant moved on by so many working days, at the same time of day."""
        return self._moved(instant, days, self.end_of_working_days)

    def later_by_days(self, instant: datetime, days: int) -> datetime:
        """Return an instant moved on by so many days, on to a working day."""
        return self._moved(instant, days, self.end_of_calendar_days)

    def _moved(
        self, instant: datetime, days: int, end_of: Callable[[datetime, int], datetime]
    ) -> datetime:
        if days == 0:
            return instant
        before = instant - timedelta(microseconds=1)  # 24:00 belongs to the day it ends
        return instant + (end_of(before, days) - end_of(before, 0))

    def _days(self, start: datetime, end: datetime) -> list[date]:
        zone = ZoneInfo(self.zone)
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def day_of(self, at: datetime) -> date:
        """Return the day on which an instant falls here."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def end_of_day(self, day: date) -> datetime:
        """Return 24:00 of a day."""
        return self._end_of(day)

    def start_of_work(self, day: date) -> datetime:
        """Return when work begins on a day, or on the next day on which people work."""
        working = self.working_day_from(day)
        for start, _ in self.spans_on(working):
            return start
        return self._instant(working, _MIDNIGHT)

    def working_day_from(self, day: date) -> date:
        """Return `day` if people work on it, or the next one on which they do."""
        return self._next_working_day(day)

    def working_day_until(self, day: date) -> date:
        """Return `day` if people work on it, or the last one before on which they did."""
        for earlier in range(_HORIZON_DAYS):
            if self.is_working_day(day - timedelta(days=earlier)):
                return day - timedelta(days=earlier)
        raise NoWorkingTime(f"no working day found before {day.isoformat()}: check holidays")

    def _next_working_day(self, day: date) -> date:
        for later in range(_HORIZON_DAYS):
            if self.is_working_day(day + timedelta(days=later)):
                return day + timedelta(days=later)
        raise NoWorkingTime(f"no working day found after {day.isoformat()}: check holidays")

    def _end_of(self, day: date) -> datetime:
        return self._instant(day + timedelta(days=1), _MIDNIGHT)

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
