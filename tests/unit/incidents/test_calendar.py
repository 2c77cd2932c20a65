"""Working time: hours and days, over nights, weekends and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

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
