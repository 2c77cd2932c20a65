"""Working time: hours and days, over nights, weekends and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.calendar import Calendar, NoWorkingTime, OfficeHours
from incidents.procedures import shipped
from incidents.terms import Term, parse_duration, parse_term
from incidents.vietnamese import ZONE

CALENDAR = shipped().calendar


def local(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        ("13/02/2026 16:00", "24 h", "14/02/2026 16:00"),
        ("13/02/2026 16:00", "72 h", "16/02/2026 16:00"),
        ("13/02/2026 16:00", "5 wd", "28/02/2026 00:00"),
        ("23/11/2026 10:00", "5 cd", "01/12/2026 00:00"),
        ("23/11/2026 10:00", "1 wd", "26/11/2026 00:00"),
        ("23/11/2026 08:00", "4 wh", "23/11/2026 12:00"),
        ("23/11/2026 15:00", "4 wh", "25/11/2026 10:00"),
        ("23/11/2026 16:59", "5 min", "23/11/2026 17:04"),
        ("24/11/2026 09:00", "4 wh", "25/11/2026 12:00"),
        ("21/11/2026 23:00", "4 wh", "23/11/2026 12:00"),
        ("23/11/2026 11:30", "1 wh", "23/11/2026 13:30"),
        ("22/08/2026 08:00", "4 wh", "22/08/2026 12:00"),
        ("31/08/2026 08:00", "4 wh", "03/09/2026 12:00"),
    ],
)
def test_a_deadline_is_due_on_its_own_clock(start: str, term: str, due: str) -> None:
    """Elapsed time runs through Tết; working time skips nights, weekends and holidays.

    Source: the vectors of the Civil Code 2015, articles 146-148, in the product's fact sheet.
    """
    assert parse_term(term).after(local(start), CALENDAR) == local(due)


def test_a_part_of_a_working_term_counts_working_time() -> None:
    """80 % of 4 working hours are 3 h 12 min of office time, not of the night."""
    warned = Term(4, "wh").part_after(local("23/11/2026 15:00"), CALENDAR, 80)

    assert warned == local("25/11/2026 09:12")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 10, 1)),  # noqa: DTZ001
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_working_hours_add_up(naive: datetime, first: int, second: int) -> None:
    """Adding a and then b is adding a + b, and never goes back."""
    start = naive.replace(tzinfo=UTC)
    once = CALENDAR.add_working(start, timedelta(hours=first + second))
    halfway = CALENDAR.add_working(start, timedelta(hours=first))

    assert CALENDAR.add_working(halfway, timedelta(hours=second)) == once
    assert start < halfway < once


def test_a_calendar_without_working_time_is_an_error() -> None:
    """Data without hours is refused with words instead of counting for ever."""
    hours = (OfficeHours(date(2030, 1, 1), ((time(8), time(12)),)),)
    calendar = Calendar("Asia/Ho_Chi_Minh", hours, frozenset())

    with pytest.raises(NoWorkingTime, match="check hours"):
        calendar.add_working(local("23/11/2026 08:00"), timedelta(hours=1))


@pytest.mark.parametrize("text", ["5", "5 m", "0 h", "h", "-1 h", 5, None, "5 mins", "1.5 h"])
def test_a_term_names_its_clock(text: object) -> None:
    """Anything but a number and a known clock is refused, saying what is allowed."""
    with pytest.raises(ValueError, match="allowed is"):
        parse_term(text)


def test_a_duration_is_elapsed_time() -> None:
    """Policy files write `5m` and `4h`."""
    assert parse_duration("5m") == timedelta(minutes=5)
    assert parse_duration("4h") == timedelta(hours=4)
    with pytest.raises(ValueError, match="allowed is"):
        parse_duration("5 min")


@pytest.mark.parametrize("year", [2026, 2027])
def test_calendar_agrees_with_an_independent_one(year: int) -> None:
    """Every day of a year is a working day here exactly when another calendar says so."""
    other = holidays.country_holidays("VN", years=year)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]

    assert [d for d in days if CALENDAR.is_working_day(d) != other.is_working_day(d)] == []


@pytest.mark.parametrize("year", [2026, 2027])
def test_holidays_of_the_ruleset_are_those_of_an_independent_calendar(year: int) -> None:
    """Also those that fall on a weekend, by their day."""
    other = holidays.country_holidays("VN", years=year)

    assert {d for d in CALENDAR.holidays if d.year == year} == set(other)


@pytest.mark.parametrize(
    ("begin", "end", "hours", "days"),
    [
        ("23/11/2026 10:00", "23/11/2026 15:00", 4, 0),
        ("23/11/2026 16:00", "25/11/2026 09:00", 2, 1),
        ("27/11/2026 16:30", "30/11/2026 08:30", 1, 1),
        ("16/02/2026 00:00", "21/02/2026 00:00", 0, 0),
    ],
)
def test_time_between_counts_only_what_people_work(
    begin: str, end: str, hours: float, days: int
) -> None:
    """A night, a weekend, Tết: working hours in between, and working days that began."""
    assert CALENDAR.working_between(local(begin), local(end)) == timedelta(hours=hours)
    assert CALENDAR.working_days_begun(local(begin), local(end)) == days


def test_the_end_of_a_day_moves_on_by_working_days() -> None:
    """24:00 belongs to the day that it ends, and stays 24:00."""
    friday = local("28/11/2026 00:00")

    assert CALENDAR.later_by_working_days(friday, 0) == friday
    assert CALENDAR.later_by_working_days(friday, 1) == local("01/12/2026 00:00")
    assert CALENDAR.later_by_days(friday, 1) == local("01/12/2026 00:00")
