"""Liveness: from on time over late to silent, and who is never called silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collector.liveness import Liveness, liveness, next_look_at

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_seconds", "interval_seconds", "expected"),
    [
        (0, 10, Liveness.ON_TIME),
        (19.9, 10, Liveness.ON_TIME),
        (20, 10, Liveness.LATE),
        (29.9, 10, Liveness.LATE),
        (30, 10, Liveness.SILENT),
        (4.9, 1, Liveness.ON_TIME),
        (5, 1, Liveness.LATE),
        (9.9, 1, Liveness.LATE),
        (10, 1, Liveness.SILENT),
        (-3600, 10, Liveness.ON_TIME),
    ],
)
def test_liveness_goes_from_on_time_to_silent(
    age_seconds: float, interval_seconds: int, expected: Liveness
) -> None:
    """Late at two intervals, silent at three, never before ten seconds."""
    now = START + timedelta(hours=1)

    found = liveness(
        last_report_at=now - timedelta(seconds=age_seconds),
        expected_since=START,
        interval_seconds=interval_seconds,
        presence="always",
        now=now,
    )

    assert found is expected


@pytest.mark.parametrize(
    ("reported", "seconds_since_start", "presence", "expected"),
    [
        (True, 29, "always", Liveness.LATE),
        (True, 30, "always", Liveness.SILENT),
        (False, 5, "always", Liveness.NEVER),
        (False, 60, "always", Liveness.NEVER),
        (True, 60, "working_hours", Liveness.OFF_HOURS),
        (False, 60, "sometimes", Liveness.OFF_HOURS),
    ],
)
def test_liveness_gives_everybody_time_after_our_own_start(
    reported: bool, seconds_since_start: int, presence: str, expected: Liveness
) -> None:
    """An old last report is no silence until three intervals after the start have passed."""
    found = liveness(
        last_report_at=START - timedelta(days=1) if reported else None,
        expected_since=START,
        interval_seconds=10,
        presence=presence,
        now=START + timedelta(seconds=seconds_since_start),
    )

    assert found is expected


def test_silence_begins_exactly_when_it_is_looked_for() -> None:
    """One microsecond before the look there is no silence, at the look there is."""
    at = next_look_at(last_report_at=START, expected_since=START, interval_seconds=10)

    def state(now: datetime) -> Liveness:
        return liveness(
            last_report_at=START,
            expected_since=START,
            interval_seconds=10,
            presence="always",
            now=now,
        )

    assert state(at - timedelta(microseconds=1)) is Liveness.LATE
    assert state(at) is Liveness.SILENT
