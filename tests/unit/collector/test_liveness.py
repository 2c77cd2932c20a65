"""Liveness and expected hours: who is silent, who may be, and who was never heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.hours.expected import Expected
from collector.hours.hours import Hours, parse_hours
from collector.liveness import Contact, Liveness, Presence, changes_at, liveness, settling
from incidents.calendar import Calendar

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
        (Presence.ALWAYS, True, Liveness.SILENT),
        (Presence.ALWAYS, False, Liveness.OFF_HOURS),
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
        (19, 10, Liveness.LATE),
        (20, 10, Liveness.SILENT),
        (9, 1, Liveness.LATE),
        (10, 1, Liveness.SILENT),
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


@pytest.mark.parametrize(
    ("away_seconds", "settled_after_seconds"), [(0, 20), (5, 25), (60, 80), (86_400, 80)]
)
def test_after_a_long_stop_agents_have_the_pause_they_may_be_in(
    away_seconds: float, settled_after_seconds: int
) -> None:
    """Who could not deliver tries again within a minute at most."""
    settled = timedelta(seconds=settled_after_seconds)
    assert settling(10, away_seconds) == settled


def test_own_first_report_ends_the_settling_time() -> None:
    """A host that was heard since the start is judged like any other."""
    heard = contact(31, 10, started_ago_seconds=32)
    assert liveness(replace(heard, away_seconds=3_600.0), NOW, is_expected_time=True) is (
        Liveness.LATE
    )
    fresh = contact(40, 10, started_ago_seconds=100)
    assert liveness(fresh, NOW, is_expected_time=True) is Liveness.SILENT


@pytest.mark.parametrize(
    ("presence", "days", "is_expected_time", "expected"),
    [
        (Presence.ALWAYS, 0.9, True, Liveness.SILENT),
        (Presence.ALWAYS, 1, True, Liveness.LOST),
        (Presence.ALWAYS, 9, False, Liveness.OFF_HOURS),
        (Presence.WORKING_HOURS, 13, False, Liveness.OFF_HOURS),
        (Presence.WORKING_HOURS, 14, False, Liveness.LOST),
        (Presence.SOMETIMES, 29, True, Liveness.OFF_HOURS),
        (Presence.SOMETIMES, 30, True, Liveness.LOST),
    ],
)
def test_silence_that_lasts_is_a_loss_by_kind_of_presence(
    presence: Presence, days: float, is_expected_time: bool, expected: Liveness
) -> None:
    """A server after a day, what people switch on and off after weeks."""
    heard = contact(days * 86_400, 10, presence, started_ago_seconds=99 * 86_400)
    assert liveness(heard, NOW, is_expected_time=is_expected_time) is expected


@pytest.mark.parametrize(
    ("presence", "ago_seconds", "expected"),
    [
        (Presence.ALWAYS, 0, Liveness.STOPPED),
        (Presence.ALWAYS, 90 * 86_400, Liveness.STOPPED),
        (Presence.WORKING_HOURS, 3_600, Liveness.STOPPED),
        (Presence.WORKING_HOURS, 15 * 86_400, Liveness.LOST),
    ],
)
def test_goodbye_is_no_silence(presence: Presence, ago_seconds: float, expected: Liveness) -> None:
    """An orderly end is its own state at once; a server that said so is never lost."""
    heard = contact(ago_seconds, 10, presence, started_ago_seconds=99 * 86_400)
    farewell = replace(heard, farewell="shutdown")
    assert liveness(farewell, NOW, is_expected_time=True) is expected


def test_changes_come_at_late_then_silent_then_lost_then_never_again() -> None:
    """The next look is due exactly when the answer changes."""
    heard = contact(0)
    at_late = changes_at(heard, NOW)
    assert at_late == NOW + timedelta(seconds=20)
    at_silent = changes_at(heard, at_late)
    assert at_silent == NOW + timedelta(seconds=30)
    at_lost = changes_at(heard, at_silent)
    assert at_lost == NOW + timedelta(days=1)
    assert changes_at(heard, at_lost) is None
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
    hours = Expected(parse_hours("T2-T6 07:00-17:00; T7 07:30-11:30"))
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
    assert Expected(parse_hours("")).contain(NOW)
    assert Expected(parse_hours("")).next_change(NOW) is None


@pytest.mark.parametrize(
    "text", ["always", "T2-T9 07:00-17:00", "T2 7:00-17:00", "T6-T2 07:00-17:00", "T2 17:00-07:00"]
)
def test_hours_that_make_no_sense_are_refused_with_an_example(text: str) -> None:
    """The message shows what was given."""
    with pytest.raises(ValueError, match="given"):
        parse_hours(text)


CALENDAR = Calendar(
    zone="Asia/Ho_Chi_Minh",
    hours=(),
    holidays=frozenset({date(2026, 11, 24)}),
    working_days=frozenset({date(2026, 11, 28)}),
)
OFFICE = Expected(parse_hours("T2-T6 07:00-11:30,13:30-17:00"), CALENDAR)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "is_inside", "next_change"),
    [
        ("23 17:00", False, "25 08:00"),
        ("24 10:00", False, "25 08:00"),
        ("28 10:00", True, "28 11:30"),
        ("28 18:00", False, "30 08:00"),
    ],
)
def test_holidays_are_off_and_swapped_saturdays_are_worked(
    at: str, is_inside: bool, next_change: str
) -> None:
    """A swapped Saturday has the hours of the first weekday that has any."""
    assert OFFICE.contain(local(at)) is is_inside
    assert OFFICE.next_change(local(at)) == local(next_change)


@pytest.mark.parametrize(
    ("at", "is_closing"),
    [
        ("23 07:30", True),
        ("23 08:00", False),
        ("23 11:14", False),
        ("23 11:15", True),
        ("23 13:39", True),
        ("23 13:40", False),
        ("23 16:45", True),
        ("23 22:00", True),
        ("24 10:00", True),
    ],
)
def test_unit_may_be_dark_outside_its_hours_and_a_little_before(at: str, is_closing: bool) -> None:
    """Mains go off a quarter of an hour early, too, and on within the first hour."""
    assert OFFICE.is_closing(local(at)) is is_closing


@pytest.mark.parametrize(
    ("at", "opening"),
    [("23 11:20", "23 13:40"), ("23 16:50", "25 08:00"), ("27 19:00", "28 08:00")],
)
def test_dark_unit_is_expected_again_at_its_next_opening(at: str, opening: str) -> None:
    """Not at the end of the hours that are still running."""
    assert OFFICE.next_opening(local(at)) == local(opening)


def test_stretch_is_the_part_of_the_day_that_is_running() -> None:
    """Who was on before lunch has not been on since."""
    assert OFFICE.stretch_started_at(local("23 14:00")) == local("23 13:30")
    assert OFFICE.stretch_started_at(local("23 12:00")) is None
    assert Expected().stretch_started_at(local("23 12:00")) is None
