"""When what recurs is held; local time stays local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.conditions import Refused
from incidents.sessions.calendar_file import read
from incidents.sessions.policy import shipped_sessions
from incidents.sessions.policy_parts import Weekly
from incidents.sessions.recurrence import by_rule, weekly_times

FIRST = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # a Wednesday, 08:00 here
YEAR = timedelta(days=366)


def test_rules_are_written_out() -> None:
    """COUNT, UNTIL in UTC, a bound from outside, what is left out."""
    week = timedelta(days=7)
    assert by_rule("FREQ=WEEKLY;COUNT=3", FIRST, FIRST + YEAR) == [
        FIRST, FIRST + week, FIRST + 2 * week
    ]  # fmt: skip
    until = "FREQ=WEEKLY;UNTIL=20261202T010000Z"
    assert by_rule(until, FIRST, FIRST + YEAR) == [FIRST, FIRST + week]
    assert by_rule("FREQ=DAILY", FIRST, FIRST + timedelta(days=2)) == [
        FIRST, FIRST + timedelta(days=1)
    ]  # fmt: skip
    left = by_rule("FREQ=WEEKLY;COUNT=3", FIRST, FIRST + YEAR, without=[FIRST + week])
    assert left == [FIRST, FIRST + 2 * week]
    assert len(by_rule("FREQ=DAILY", FIRST, FIRST + YEAR)) == 200


@pytest.mark.parametrize("rule", ["", "FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=XX", "nonsense"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    """A rule that repeats within a day as well: no conference does."""
    with pytest.raises(Refused):
        by_rule(rule, FIRST, FIRST + YEAR)


def test_a_rule_that_never_holds_ends() -> None:
    """30 February is looked for in the given time alone."""
    assert by_rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", FIRST, FIRST + YEAR) == []


def weekly(**more: object) -> Weekly:
    """Return an entry of the schedule."""
    given_values = {"code": "g", "name": "G", "day": "T4", "at": "08:00", "until": "09:00", **more}
    return Weekly.model_validate(given_values)


def test_the_weekly_schedule_skips_and_counts_weeks() -> None:
    """What goes on now is still ahead; every second week counts from the week of `from`."""
    ahead = FIRST + timedelta(days=28)
    days = [start.date() for start, _ in weekly_times(weekly(), FIRST, ahead)]
    assert days == [date(2026, 11, 25), date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16)]
    during = [s for s, _ in weekly_times(weekly(), FIRST + timedelta(minutes=30), ahead)]
    assert during[0] == FIRST
    skipped = weekly(skip=[date(2026, 12, 2)], to=date(2026, 12, 9))
    assert len(list(weekly_times(skipped, FIRST, ahead))) == 2
    second = weekly(every_weeks=2, **{"from": date(2026, 11, 30)})
    assert [s.date() for s, _ in weekly_times(second, FIRST, ahead)] == [
        date(2026, 12, 2), date(2026, 12, 16)
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_any_text_is_a_calendar_or_refused(text: str) -> None:
    """Whatever somebody uploads: sessions, or words why not."""
    for content in (
        text,
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\nEND:VCALENDAR",
    ):
        try:
            wanted, notes = read(content, shipped_sessions({"U": "Đơn vị"}), FIRST, FIRST + YEAR)
        except Refused:
            continue
        assert wanted == [] or notes is not None
