"""A fortnight of attendance → hours to approve: what is kept, what is news, what is no habit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.hours.hours import NO_HOURS, Hours, parse_hours
from collector.outages.usual import SLOTS, Day
from collector.proposals import Proposal, propose, written

FIRST = date(2026, 11, 9)  # a Monday


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def day(number: int, *spans: tuple[float, float], kind: str = "server", count: int = 3) -> Day:
    """A day on which `count` hosts were heard between some hours."""
    slots = tuple(
        (0, 0) if not any(a * 2 <= slot < b * 2 for a, b in spans) else (count, count)
        for slot in range(SLOTS)
    )
    return Day("A", kind, FIRST + timedelta(days=number), count, slots)


def fortnight(*spans: tuple[float, float], kind: str = "server") -> list[Day]:
    """Working days as given, free days dark."""
    return [
        day(n, *(spans if (FIRST + timedelta(days=n)).weekday() < 5 else ()), kind=kind)
        for n in range(14)
    ]


def found(days: list[Day], **expected: str) -> list[tuple[str, str]]:
    def hours(kind: str) -> Hours:
        text = expected.get(kind or "unit", "")
        return parse_hours(text) if text else NO_HOURS

    return [(p.kind, p.hours) for p in propose(days, is_weekday, hours)]


def test_commune_that_cuts_the_mains_is_proposed_as_a_whole() -> None:
    """From seven to five on working days, by fourteen days."""
    proposals = propose(fortnight((7, 17)), is_weekday, lambda _: NO_HOURS)
    assert proposals == [Proposal("A", "", "T2-T6 07:00-17:00", 14)]


@pytest.mark.parametrize(
    ("expected", "news"),
    [
        ("T2-T6 07:00-17:00", []),
        ("T2-T6 07:30-16:30", []),
        ("T2-T6 07:00-11:30,13:30-17:00", []),
        ("T2-T6 08:00-17:00", [("", "T2-T6 07:00-17:00")]),
        ("T2-T7 07:00-17:00", [("", "T2-T6 07:00-17:00")]),
    ],
)
def test_what_is_expected_already_is_no_news(expected: str, news: list[tuple[str, str]]) -> None:
    """Half an hour is no difference, nor is the midday rest."""
    assert found(fortnight((7, 17)), unit=expected) == news


def test_kind_is_proposed_where_its_unit_stays_on() -> None:
    """Servers around the clock, workstations in the day."""
    days = fortnight((0, 24)) + [day(n, (0, 24)) for n in (5, 6, 12, 13)]
    pcs = fortnight((7.5, 17), kind="workstation")
    assert found([*days[:14], *pcs]) == [("workstation", "T2-T6 07:30-17:00")]


def test_saturday_morning_is_seen_when_it_is_worked_twice() -> None:
    """Once may be chance."""
    days = [d for d in fortnight((7, 17)) if d.day.weekday() != 5]
    saturdays = [day(n, (7.5, 11.5)) for n in (5, 12)]
    assert found([*days, *saturdays]) == [("", "T2-T6 07:00-17:00; T7 07:30-11:30")]
    assert found([*days, saturdays[0]]) == [("", "T2-T6 07:00-17:00")]


@pytest.mark.parametrize(
    "days",
    [
        [],
        fortnight((7, 17))[:4],
        fortnight((0, 24)),
        fortnight((0, 22)),
        fortnight(),
        [day(n, (7, 17) if n % 2 else (9, 12)) for n in range(3)],
    ],
    ids=["nothing", "four days", "around the clock", "a short night", "never", "three days"],
)
def test_no_habit_is_no_proposal(days: list[Day]) -> None:
    """Too few days, no darkness worth the name, or nobody at all."""
    assert found(days) == []


def test_one_outage_does_not_change_a_habit() -> None:
    """A dark day is left out, a dark morning outvoted."""
    days = fortnight((7, 17))
    days[2] = day(2)
    days[8] = day(8, (12, 17))
    assert found(days) == [("", "T2-T6 07:00-17:00")]


halves = st.integers(0, 47)


@given(
    st.dictionaries(
        st.integers(0, 6),
        st.lists(halves, min_size=2, max_size=6, unique=True).map(
            lambda n: tuple(zip(sorted(n)[::2], sorted(n)[1::2], strict=False))
        ),
    )
)
def test_what_is_written_is_read_as_the_same(
    halves_by_day: dict[int, tuple[tuple[int, int]]],
) -> None:
    """A proposal that a person approves means what was seen."""
    ranges = {
        weekday: tuple((start * 30, end * 30) for start, end in found)
        for weekday, found in halves_by_day.items()
    }
    flat = {(weekday, start, end) for weekday, found in ranges.items() for start, end in found}
    assert set(parse_hours(written(ranges)).ranges) == flat
