"""Last report, interval, presence and now → on time, late, silent, off hours or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

SILENT_INTERVALS = 3
LATE_INTERVALS = 2
MIN_SILENT_SECONDS = 10
MIN_LATE_SECONDS = 5
MAX_SETTLING_SECONDS = 300


class Liveness(Enum):
    """What is known of an agent by its reports alone."""

    ON_TIME = "on_time"
    LATE = "late"
    SILENT = "silent"
    OFF_HOURS = "off_hours"
    NEVER = "never"


class Presence(Enum):
    """When a host is expected to be on."""

    ALWAYS = "always"
    WORKING_HOURS = "working_hours"
    SOMETIMES = "sometimes"


@dataclass(frozen=True, slots=True)
class Contact:
    """What liveness is judged by.

    Attributes:
        watched_since: When this collector began to listen: before, nobody could be heard.
    """

    last_report_at: datetime | None
    interval_seconds: int
    presence: Presence
    watched_since: datetime


def silent_after(interval_seconds: int) -> timedelta:
    """Return how long an agent may stay away: three intervals, at least 10 s."""
    return timedelta(seconds=max(MIN_SILENT_SECONDS, SILENT_INTERVALS * interval_seconds))


def late_after(interval_seconds: int) -> timedelta:
    """Return when an agent is late: after two intervals, at least 5 s."""
    return timedelta(seconds=max(MIN_LATE_SECONDS, LATE_INTERVALS * interval_seconds))


def silent_at(contact: Contact) -> datetime:
    """Return when an agent that reported before becomes silent, if nothing comes.

    After the collector's own start nobody is silent before the time that silence takes has
    passed since the start, or the settling time where that is shorter.
    """
    assert contact.last_report_at is not None
    patience = silent_after(contact.interval_seconds)
    settling = min(patience, timedelta(seconds=MAX_SETTLING_SECONDS))
    return max(contact.last_report_at + patience, contact.watched_since + settling)


def liveness(contact: Contact, now: datetime, *, is_expected_time: bool) -> Liveness:
    """Say how an agent is; an interval that has just passed has been exceeded."""
    if contact.last_report_at is None:
        return Liveness.NEVER
    if now < contact.last_report_at + late_after(contact.interval_seconds):
        return Liveness.ON_TIME
    if now < silent_at(contact):
        return Liveness.LATE
    is_expected = contact.presence is Presence.ALWAYS or (
        contact.presence is Presence.WORKING_HOURS and is_expected_time
    )
    return Liveness.SILENT if is_expected else Liveness.OFF_HOURS


def changes_at(contact: Contact, now: datetime) -> datetime | None:
    """Return when time alone next changes the answer, working hours left aside."""
    if contact.last_report_at is None:
        return None
    steps = (contact.last_report_at + late_after(contact.interval_seconds), silent_at(contact))
    return min((at for at in steps if at > now), default=None)
