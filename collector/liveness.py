"""Last report, interval, presence and now → how an agent is, by its reports alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

SILENT_INTERVALS = 3
LATE_INTERVALS = 2
MIN_SILENT_SECONDS = 10
MIN_LATE_SECONDS = 5
SETTLING_INTERVALS = 2
MAX_SETTLING_SECONDS = 300
# Agents that could not deliver try again at the latest after this (agents/delivery.py).
LONGEST_AGENT_WAIT_SECONDS = 60


class Liveness(Enum):
    """What is known of an agent by its reports alone.

    Late, silent and lost are stages of one silence of a host that is expected. Stopped: its last
    word was goodbye. Off hours: nobody expects it now. None of these is green.
    """

    ON_TIME = "on_time"
    LATE = "late"
    SILENT = "silent"
    LOST = "lost"
    STOPPED = "stopped"
    OFF_HOURS = "off_hours"
    NEVER = "never"


# Its silence is an alert where it must always be on.
MISSED = frozenset({Liveness.SILENT, Liveness.LOST})
HEARD = frozenset({Liveness.ON_TIME, Liveness.LATE})


class Presence(Enum):
    """When a host is expected to be on; only `always` makes one host's silence an alert."""

    ALWAYS = "always"
    WORKING_HOURS = "working_hours"
    SOMETIMES = "sometimes"


# From when on a silent host is lost: a server that is away for a day, a machine that people
# switch on and off after it has not come back for weeks.
LOST_AFTER = {
    Presence.ALWAYS: timedelta(days=1),
    Presence.WORKING_HOURS: timedelta(days=14),
    Presence.SOMETIMES: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """What liveness is judged by.

    Attributes:
        watched_since: When this collector began to listen: before, nobody could be heard.
        away_seconds: For how long it had not listened before that.
        farewell: Why the agent said goodbye with its last report; empty: it did not.
        lost_after: After how long of silence it is lost; None: by its presence.
    """

    last_report_at: datetime | None
    interval_seconds: int
    presence: Presence
    watched_since: datetime
    away_seconds: float = 0.0
    farewell: str = ""
    lost_after: timedelta | None = None


def silent_after(interval_seconds: int) -> timedelta:
    """Return how long an agent may stay away: three intervals, at least 10 s."""
    return timedelta(seconds=max(MIN_SILENT_SECONDS, SILENT_INTERVALS * interval_seconds))


def late_after(interval_seconds: int) -> timedelta:
    """Return when an agent is late: after two intervals, at least 5 s."""
    return timedelta(seconds=max(MIN_LATE_SECONDS, LATE_INTERVALS * interval_seconds))


def settling(interval_seconds: int, away_seconds: float) -> timedelta:
    """Return for how long after our own start no old silence is believed.

    Two intervals; after a longer stop also the pause between attempts in which an agent may be,
    which grows with the stop. At most five minutes.
    """
    pause = min(away_seconds, LONGEST_AGENT_WAIT_SECONDS)
    seconds = SETTLING_INTERVALS * interval_seconds + pause
    return timedelta(seconds=min(max(MIN_SILENT_SECONDS, seconds), MAX_SETTLING_SECONDS))


def silent_at(contact: Contact) -> datetime:
    """Return when an agent that reported before becomes silent, if nothing comes.

    Its own first report ends the settling time for it.
    """
    assert contact.last_report_at is not None
    settled_at = contact.watched_since + settling(contact.interval_seconds, contact.away_seconds)
    return max(contact.last_report_at + silent_after(contact.interval_seconds), settled_at)


def lost_at(contact: Contact) -> datetime:
    """Return when an agent that reported before is lost, if nothing comes."""
    assert contact.last_report_at is not None
    patience = contact.lost_after or LOST_AFTER[contact.presence]
    return max(contact.last_report_at + patience, silent_at(contact))


def liveness(contact: Contact, now: datetime, *, is_expected_time: bool) -> Liveness:
    """Say how an agent is; an interval that has just passed has been exceeded."""
    if contact.last_report_at is None:
        return Liveness.NEVER
    is_flexible = contact.presence is not Presence.ALWAYS
    if contact.farewell and not (is_flexible and now >= lost_at(contact)):
        return Liveness.STOPPED
    if now < contact.last_report_at + late_after(contact.interval_seconds):
        return Liveness.ON_TIME
    if now < silent_at(contact):
        return Liveness.LATE
    if now >= lost_at(contact) and (is_flexible or is_expected_time):
        return Liveness.LOST
    is_expected = contact.presence is not Presence.SOMETIMES and is_expected_time
    return Liveness.SILENT if is_expected else Liveness.OFF_HOURS


def changes_at(contact: Contact, now: datetime) -> datetime | None:
    """Return when time alone next changes the answer, expected hours left aside."""
    if contact.last_report_at is None:
        return None
    late_at = contact.last_report_at + late_after(contact.interval_seconds)
    steps = (late_at, silent_at(contact), lost_at(contact))
    return min((at for at in steps if at > now), default=None)
