"""Whether a host reports as it should: a value computed from its last report, never stored."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LATE_INTERVALS = 2
SILENT_INTERVALS = 3
SHORTEST_SILENCE = timedelta(seconds=10)


class Liveness(Enum):
    """How a host stands with its reports; the order is from good to bad."""

    ON_TIME = "on_time"
    LATE = "late"
    SILENT = "silent"
    OFF_HOURS = "off_hours"
    NEVER = "never"


def late_after(interval_seconds: int) -> timedelta:
    """Return the age of the last report from which on a host is late."""
    return max(timedelta(seconds=LATE_INTERVALS * interval_seconds), SHORTEST_SILENCE / 2)


def silent_after(interval_seconds: int) -> timedelta:
    """Return the age of the last report from which on a host is silent: three intervals."""
    return max(timedelta(seconds=SILENT_INTERVALS * interval_seconds), SHORTEST_SILENCE)


def liveness(
    *,
    last_report_at: datetime | None,
    expected_since: datetime,
    interval_seconds: int,
    presence: str,
    now: datetime,
) -> Liveness:
    """Say how a host stands; an age equal to a limit has reached it.

    Args:
        expected_since: When the host was enrolled or this collector started, whichever is later:
            after our own start nobody is silent before there was time to report.
        presence: `always`, or another word of the inventory: only *always* makes a missing report
            a silence, for the others it is *off hours*.
    """
    reported_or_expected = max(last_report_at or expected_since, expected_since)
    age = now - reported_or_expected
    if age >= silent_after(interval_seconds):
        if presence != "always":
            return Liveness.OFF_HOURS
        return Liveness.SILENT if last_report_at is not None else Liveness.NEVER
    if last_report_at is None:
        return Liveness.NEVER
    late = now - last_report_at >= late_after(interval_seconds)
    return Liveness.LATE if late else Liveness.ON_TIME


def next_look_at(
    *, last_report_at: datetime | None, expected_since: datetime, interval_seconds: int
) -> datetime:
    """Return the instant at which silence begins if no report comes."""
    return max(last_report_at or expected_since, expected_since) + silent_after(interval_seconds)
