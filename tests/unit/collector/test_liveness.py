"""Liveness and expected hours: who is silent, who may be, and who was never heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.hours import Hours, parse_hours
from collector.liveness import Contact, Liveness, Presence, changes_at, liveness

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def contact(
    ago_seconds: float | None,
    interval_seconds: int = 10,
    presence: Presence = Presence.ALWAYS,
    started_ago_seconds: float = 86_400,
) -> Contact:
    last = None if ago_seconds is None else NOW - timedelta(seconds=ago_seconds)
    started = NOW - timedelta(seconds=started_ago_seconds)
    return Contact(last, interval_seconds, presence, started)


@pytest.mark.parametrize(
    ("ago_seconds", "interval_seconds", "expected"),
    [
        (None, 10, Liveness.NEVER),
        (0, 10, Liveness.ON_TIME),
        (19.9, 10, Liveness.ON_TIME),
        (20, 10, Liveness.LATE),
        (29.9, 10, Liveness.LATE),
        (30, 10, Liveness.SILENT),
        (4.9, 1, Liveness.ON_TIME),
        (9.9, 1, Liveness.LATE),
        (10, 1, Liveness.SILENT),
        (899, 300, Liveness.LATE),
        (900, 300, Liveness.SILENT),
    ],
)
def test_agent_is_silent_after_three_intervals(
    ago_seconds: float | None, interval_seconds: int, expected: Liveness
) -> None:
    """Three intervals, but never less than ten seconds; late before that."""
    answer = liveness(contact(ago_seconds, interval_seconds), NOW, is_expected_time=True)
    assert answer is expected


@pytest.mark.parametrize(
    ("presence", "is_expected_time", "expected"),
    [
        (Presence.ALWAYS, False, Liveness.SILENT),
        (Presence.WORKING_HOURS, True, Liveness.SILENT),
        (Presence.WORKING_HOURS, False, Liveness.OFF_HOURS),
        (Presence.SOMETIMES, True, Liveness.OFF_HOURS),
        (Presence.SOMETIMES, False, Liveness.OFF_HOURS),
    ],
)
def test_absence_is_off_hours_when_nobody_expects_the_host(
    presence: Presence, is_expected_time: bool, expected: Liveness
) -> None:
    """Off hours is its own state: no alert, and not green."""
    answer = liveness(contact(9_999, 10, presence), NOW, is_expected_time=is_expected_time)
    assert answer is expected


@pytest.mark.parametrize(
    ("started_ago_seconds", "interval_seconds", "expected"),
    [
        (1, 10, Liveness.LATE),
        (29, 10, Liveness.LATE),
        (30, 10, Liveness.SILENT),
        (299, 3_600, Liveness.LATE),
        (300, 3_600, Liveness.SILENT),
    ],
)
def test_nobody_is_silent_just_after_the_collectors_own_start(
    started_ago_seconds: float, interval_seconds: int, expected: Liveness
) -> None:
    """Old silence is not believed before the agents had their time, at most five minutes."""
    heard = contact(40_000, interval_seconds, started_ago_seconds=started_ago_seconds)
    assert liveness(heard, NOW, is_expected_time=True) is expected


def test_changes_come_at_late_then_silent_then_never_again() -> None:
    """The next look is due exactly when the answer changes."""
    heard = contact(0)
    at_late = changes_at(heard, NOW)
    assert at_late == NOW + timedelta(seconds=20)
    at_silent = changes_at(heard, at_late)
    assert at_silent == NOW + timedelta(seconds=30)
    assert changes_at(heard, at_silent) is None
    assert changes_at(contact(None), NOW) is None


@pytest.mark.parametrize(
    ("local", "is_inside", "next_change"),
    [
        ("2026-11-23 07:59", False, "2026-11-23 08:00"),
        ("2026-11-23 08:00", True, "2026-11-23 17:00"),
        ("2026-11-23 16:59", True, "2026-11-23 17:00"),
        ("2026-11-23 17:00", False, "2026-11-24 08:00"),
        ("2026-11-28 08:30", True, "2026-11-28 11:30"),
        ("2026-11-28 12:00", False, "2026-11-30 08:00"),
        ("2026-11-29 09:00", False, "2026-11-30 08:00"),
    ],
)
def test_hours_start_after_their_grace_and_end_on_time(
    local: str, is_inside: bool, next_change: str
) -> None:
    """Monday to Friday and half a Saturday, an hour of grace at each start."""
    hours = parse_hours("T2-T6 07:00-17:00; T7 07:30-11:30")
    at = datetime.fromisoformat(local).replace(tzinfo=ZONE)
    assert hours.contain(at) is is_inside
    expected = datetime.fromisoformat(next_change).replace(tzinfo=ZONE)
    change = hours.next_change(at)
    assert change == expected


def test_hours_in_both_languages_are_the_same_and_empty_means_always() -> None:
    """Mon-Fri is T2-T6; no hours at all mean around the clock."""
    assert parse_hours("Mon-Fri 07:00-17:00") == parse_hours("t2-t6 07:00-17:00")
    split = parse_hours("T2 07:00-11:30, 13:30-17:00")
    assert split == Hours(((0, 420, 690), (0, 810, 1020)))
    assert parse_hours("CN 00:00-24:00") == Hours(((6, 0, 1440),))
    assert parse_hours("").contain(NOW)
    assert parse_hours("").next_change(NOW) is None


@pytest.mark.parametrize(
    "text", ["always", "T2-T9 07:00-17:00", "T2 7:00-17:00", "T6-T2 07:00-17:00", "T2 17:00-07:00"]
)
def test_hours_that_make_no_sense_are_refused_with_an_example(text: str) -> None:
    """The message shows what was given."""
    with pytest.raises(ValueError, match="given"):
        parse_hours(text)
