"""Recurring duties: when each falls due, and how it stands.

A day of the year in the register means "before": its duty is due on the last working day before
it. Every term ends at 24:00 of its day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from incidents.calendar import Calendar
    from incidents.duties_file import Duty, Length

_DAY = timedelta(days=1)
_MONTHS: dict[Length, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
# From the middle of a month into the month that a duty is about.
_ABOUT = {"previous": timedelta(days=-30), "same": timedelta(0), "next": timedelta(days=30)}
# What is done stays on the list for so long.
SHOWN_AFTER = timedelta(days=30)


class DueState(StrEnum):
    """How a duty or a deadline stands; late completion stays late for ever."""

    NOT_YET = "chua_den_han"
    SOON = "sap_den_han"
    OVERDUE = "qua_han"
    DONE = "hoan_thanh_dung_han"
    DONE_LATE = "hoan_thanh_tre"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a duty is due; `period` names what it is about: 2026, 2026-11, 2026-Q4, 2026-H2."""

    duty: str
    period: str
    opens_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """Somebody says that it was done, when, and what proves it."""

    done_at: datetime
    recorded_at: datetime
    actor: str
    proof: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An occurrence and how it stands now."""

    occurrence: Occurrence
    state: DueState
    done: Done | None = None


def occurrences(duty: Duty, calendar: Calendar, first: date, last: date) -> list[Occurrence]:
    """Return every time a duty falls due on a day from `first` to `last`, in their order."""
    found = {
        period: day for period, day in _due_days(duty, calendar, first, last)
        if first <= day <= last
    }  # fmt: skip
    return [
        Occurrence(
            duty.code,
            period,
            calendar.start_of_work(day - timedelta(days=duty.lead_days)),
            calendar.end_of_day(day),
        )
        for period, day in sorted(found.items(), key=lambda item: item[1])
    ]


def standings(
    duties: Iterable[Duty],
    calendar: Calendar,
    done: Mapping[tuple[str, str], Done],
    *,
    since: date,
    now: datetime,
    ahead: timedelta,
) -> list[Standing]:
    """Return what the list of duties shows: the undone since `since`, the coming, the just done.

    Args:
        since: The first day of use; what fell due before is not ours to count.
        ahead: How far into the future the list looks.
    """
    last = calendar.day_of(now + ahead)
    found = [
        _standing(one, done.get((duty.code, one.period)), now)
        for duty in duties
        for one in occurrences(duty, calendar, since, last)
    ]
    shown = [
        one for one in found
        if one.done is None or one.occurrence.due_at > now - SHOWN_AFTER
        or one.done.recorded_at > now - SHOWN_AFTER
    ]  # fmt: skip
    return sorted(shown, key=lambda one: (one.occurrence.due_at, one.occurrence.duty))


def to_tell(standing: Standing, calendar: Calendar, now: datetime) -> DueState | None:
    """Return what is to be said of an undone duty by now: that it is near, or that it is overdue.

    It is said in working time: whoever sleeps can do nothing about a yearly report.
    """
    occurrence = standing.occurrence
    if standing.done is not None:
        return None
    if now >= calendar.start_of_work(calendar.day_of(occurrence.due_at)):
        return DueState.OVERDUE
    return DueState.SOON if now >= occurrence.opens_at else None


def _standing(occurrence: Occurrence, done: Done | None, now: datetime) -> Standing:
    if done is not None:
        on_time = done.done_at <= occurrence.due_at
        state = DueState.DONE if on_time else DueState.DONE_LATE
    elif now >= occurrence.due_at:
        state = DueState.OVERDUE
    else:
        state = DueState.SOON if now >= occurrence.opens_at else DueState.NOT_YET
    return Standing(occurrence, state, done)


def _due_days(
    duty: Duty, calendar: Calendar, first: date, last: date
) -> Iterator[tuple[str, date]]:
    """Yield periods and their due days; some may lie outside of the days asked for."""
    due = duty.due
    if due.daily is not None:
        one, end = max(first, due.daily[0]), min(last, due.daily[1])
        while one <= end:
            yield one.isoformat(), one
            one += _DAY
    for year in range(first.year, last.year + 2):
        for month, day in due.before:
            period = f"{year}" if len(due.before) == 1 else f"{year}-{month:02d}"
            yield period, calendar.working_day_until(date(year, month, day) - _DAY)
        if due.end_of is not None:
            yield from _ends(due.end_of, year, calendar)
        if due.month_day is not None or due.working_day is not None:
            for month in range(1, 13):
                about = date(year, month, 15) + _ABOUT[duty.about]
                yield f"{about:%Y-%m}", _in_month(duty, calendar, year, month)


def _in_month(duty: Duty, calendar: Calendar, year: int, month: int) -> date:
    if duty.due.month_day is not None:
        return calendar.working_day_until(date(year, month, duty.due.month_day))
    day = date(year, month, 1) - _DAY
    for _ in range(duty.due.working_day or 1):
        day = calendar.working_day_from(day + _DAY)
    return day


def _ends(length: Length, year: int, calendar: Calendar) -> Iterator[tuple[str, date]]:
    months = _MONTHS[length]
    for number, month in enumerate(range(months, 13, months), start=1):
        after = date(year + month // 12, month % 12 + 1, 1)
        named = {
            "month": f"{year}-{month:02d}",
            "quarter": f"{year}-Q{number}",
            "half_year": f"{year}-H{number}",
            "year": f"{year}",
        }
        yield named[length], calendar.working_day_until(after - _DAY)
