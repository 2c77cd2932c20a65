"""What the page of schedules shows: a month as rows of days, and forms read into requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from incidents.local_time import YEARS
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.oncall.desk import ShiftRow
    from incidents.oncall import Gap


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month: by schedule, the pieces that begin on it."""

    day: date
    is_today: bool
    is_weekend: bool
    shifts: dict[str, list[ShiftRow]]


def month_of(text: str, now: datetime) -> date:
    """Return the first day of a month such as 2026-11; of this month when it is none."""
    this = now.astimezone(ZONE).date().replace(day=1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return asked if asked.year in YEARS else this


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def month_before(first: date) -> date:
    """Return the first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def start_of(day: date) -> datetime:
    """Return midnight of a day here."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def month(shifts: Sequence[ShiftRow], first: date, now: datetime) -> list[Day]:
    """Return the days of a month with the pieces that begin on each."""
    today, days = now.astimezone(ZONE).date(), []
    day = first
    while day < next_month(first):
        days.append(Day(day, day == today, day.weekday() >= 5, {}))
        day += timedelta(days=1)
    for shift in shifts:
        begins = max(shift.starts_at, start_of(first)).astimezone(ZONE).date()
        place = (begins - first).days
        if 0 <= place < len(days) and shift.primary_why != "outside":
            days[place].shifts.setdefault(shift.schedule, []).append(shift)
    return days


def is_gap(shift: ShiftRow, gaps: Iterable[Gap]) -> str:
    """Return what is wrong with a piece, or nothing."""
    for gap in gaps:
        if gap.schedule == shift.schedule and gap.starts_at < shift.ends_at <= gap.ends_at:
            return str(gap.kind)
    return ""


def local_instant(text: str) -> datetime | None:
    """Return what a form's field of a day and time means here; None where it is empty or none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)
