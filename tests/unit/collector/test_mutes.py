"""Silences and maintenance windows: what is covered, when, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.hours.hours import parse_hours
from collector.mutes.mutes import Mute, Subject, covers, is_active, muting, remind_at

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)  # Saturday, 22:30
SILENCE = Mute(1, "silence", "", "", "", "đang sửa", "", "person:An", NOW, NOW + timedelta(hours=2))
WINDOW = replace(SILENCE, id=2, kind="maintenance", owner="Tổ CNTT")
DISK = Subject("a-1", "H42.01", "FilesystemAlmostFull")


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-1, False), (0, True), (119, True), (120, False)]
)
def test_mute_holds_from_its_start_until_its_end(minutes: int, expected: bool) -> None:
    """The end no longer belongs to it."""
    assert is_active(SILENCE, NOW + timedelta(minutes=minutes), ZONE) is expected


def test_mute_that_is_ended_holds_no_longer() -> None:
    """Somebody ended it before its time."""
    ended = replace(SILENCE, ended_at=NOW + timedelta(minutes=5))
    assert is_active(ended, NOW + timedelta(minutes=4), ZONE)
    assert not is_active(ended, NOW + timedelta(minutes=5), ZONE)


@pytest.mark.parametrize(
    ("hours_later", "expected"), [(0, True), (1.5, False), (24, False), (7 * 24, True)]
)
def test_window_comes_round_week_after_week(hours_later: float, expected: bool) -> None:
    """Saturdays from ten to midnight, at once and without any grace."""
    series = replace(WINDOW, weekly=parse_hours("T7 22:00-24:00"), ends_at=NOW + timedelta(days=30))
    assert is_active(series, NOW + timedelta(hours=hours_later), ZONE) is expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({}, False),
        ({"agent": "a-1"}, True),
        ({"agent": "a-2"}, False),
        ({"unit": "H42.01"}, True),
        ({"rule": "FilesystemAlmostFull"}, True),
        ({"rule": "MemoryHigh"}, False),
        ({"unit": "H42.01", "rule": "FilesystemAlmostFull"}, True),
        ({"unit": "H42.02", "rule": "FilesystemAlmostFull"}, False),
        ({"agent": "target:rt-a"}, False),
    ],
)
def test_all_names_that_are_given_must_match(names: dict[str, str], expected: bool) -> None:
    """One without any name covers nothing."""
    assert covers(replace(SILENCE, **names), DISK) is expected


def test_what_hangs_under_something_is_covered_with_it() -> None:
    """Work on a router covers the units and hosts that are reached through it alone."""
    behind = replace(DISK, parents=frozenset({"unit:H42.01", "target:rt-a"}))
    assert covers(replace(WINDOW, agent="target:rt-a"), behind)
    assert covers(replace(WINDOW, agent="unit:H42.01"), behind)


@pytest.mark.parametrize(
    ("kind", "is_unreachable", "expected"),
    [
        ("silence", False, False),
        ("silence", True, False),
        ("maintenance", False, False),
        ("maintenance", True, True),
    ],
)
def test_worst_severity_is_not_silenced(kind: str, is_unreachable: bool, expected: bool) -> None:
    """Planned work explains that something cannot be reached, and nothing else of that weight."""
    mute = replace(SILENCE, kind=kind, unit="H42.01")  # type: ignore[arg-type]
    worst = replace(DISK, is_worst=True, is_unreachable=is_unreachable)
    assert covers(mute, worst) is expected


def test_planned_work_is_named_before_a_silence() -> None:
    """The reason that somebody planned explains more."""
    silence, window = replace(SILENCE, unit="H42.01"), replace(WINDOW, unit="H42.01")
    assert muting([silence, window], DISK) is window
    assert muting([silence], DISK) is silence
    assert muting([], DISK) is None


def test_owner_is_reminded_before_the_end() -> None:
    """An hour before a single window, a week before a series; a silence just ends."""
    assert remind_at(SILENCE) is None
    assert remind_at(WINDOW) == NOW + timedelta(hours=1)
    short = replace(WINDOW, ends_at=NOW + timedelta(minutes=30))
    assert remind_at(short) == NOW
    series = replace(WINDOW, weekly=parse_hours("T7 22:00-24:00"), ends_at=NOW + timedelta(days=30))
    assert remind_at(series) == NOW + timedelta(days=23)
