"""How much of what was expected was heard."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from collector.coverage import Covered, covered
from collector.hours.expected import Expected
from collector.hours.hours import parse_hours
from collector.outages.usual import SLOTS, Day
from incidents.procedures import shipped
from incidents.vietnamese import ZONE

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 22)
HOURS = Expected(parse_hours("T2-T6 07:00-17:00"), shipped().calendar)


def day(on: date, heard: int, *, kind: str = "server", hosts: int = 10) -> Day:
    return Day("H1", kind, on, hosts, tuple((heard, heard) for _ in range(SLOTS)))


def test_only_half_hours_in_which_hosts_are_expected_count() -> None:
    """From an hour after the start to the end: nine hours are 18 half hours of ten hosts."""
    (found,) = covered([day(MONDAY, 9)], lambda _unit, _kind: HOURS)
    assert found == Covered("H1", MONDAY, 180, 162)
    assert covered([day(SUNDAY, 9)], lambda _unit, _kind: HOURS) == []


def test_kinds_are_added_and_those_that_nobody_expects_left_out() -> None:
    """A half hour in which nobody counted is not held against anybody."""
    blind = Day("H1", "server", MONDAY, 10, (None,) * SLOTS)

    def expected(_unit: str, kind: str) -> Expected | None:
        return None if kind == "conference" else Expected()

    days = [day(MONDAY, 5), day(MONDAY, 0, kind="conference"), day(MONDAY, 9, kind="shared")]
    assert covered(days, expected) == [Covered("H1", MONDAY, 2 * 480, 5 * 48 + 9 * 48)]
    assert covered([blind], expected) == []


def test_spans_are_what_contains_says() -> None:
    """Minute by minute over a week with a holiday: the same answer both ways."""
    begin = datetime(2026, 11, 20, 3, 10, tzinfo=ZONE)
    end = begin + timedelta(days=7)
    spans = HOURS.spans(begin, end)
    minute = begin
    while minute < end:
        assert HOURS.contain(minute) == any(a <= minute < b for a, b in spans), minute
        minute += timedelta(minutes=7)
    assert Expected().spans(begin, end) == [(begin, end)]
