"""Quiet hours: what wakes nobody outside working hours waits for one digest in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import Field

from incidents.policy_parts import Severity, TimeOfDay
from incidents.procedure_parts import Part

if TYPE_CHECKING:
    from incidents.calendar import Calendar
    from incidents.incident import Incident
    from incidents.procedure import Procedure

HELD = "quiet_hours"
# What repeats is written this long before the digest, so that it is in it.
BEFORE_DIGEST = timedelta(minutes=10)


class Passes(Part):
    """What is told at any hour: whatever matches all that one line names; an empty list is any.

    Attributes:
        in_session: Only what is in the path of a conference session or its pre-check.
    """

    severities: tuple[Severity, ...] = ()
    natures: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    in_session: bool = False

    def matches(self, incident: Incident, group: str) -> bool:
        """Say whether an incident, whose class belongs to `group`, is one of these."""
        part = incident.around.in_session
        return (
            (not self.in_session or (part is not None and part.left_at is None))
            and (not self.severities or incident.severity in self.severities)
            and (not self.natures or incident.nature in self.natures)
            and (not self.groups or group in self.groups)
            and (not self.scopes or incident.scope in self.scopes)
        )


def _passes() -> tuple[Passes, ...]:
    """S1 and S2, conferences and what is in their path, attacks that have spread."""
    return (
        Passes(severities=("S1", "S2")),
        Passes(groups=("T8",)),
        Passes(in_session=True),
        Passes(natures=("an_ninh",), scopes=("P3", "P4")),
    )


class QuietHours(Part):
    """When the digest leaves, and what does not wait for it."""

    digest_at: TimeOfDay = time(6, 30)
    passes: tuple[Passes, ...] = Field(default_factory=_passes)


def held_until(
    incident: Incident, quiet: QuietHours | None, procedure: Procedure, now: datetime
) -> datetime | None:
    """Return until when messages about an incident wait; None: they leave now."""
    if quiet is None or is_working(procedure.calendar, now):
        return None
    known = procedure.classes.get(incident.class_code)
    group = known.group if known else ""
    if any(one.matches(incident, group) for one in quiet.passes):
        return None
    return released_at(quiet, procedure.calendar, now)


def silent_until(
    incident: Incident, quiet: QuietHours | None, procedure: Procedure, now: datetime
) -> datetime | None:
    """Return until when nothing about an incident repeats; None: it may, also into the digest."""
    until = held_until(incident, quiet, procedure, now)
    if until is None or until - BEFORE_DIGEST <= now:
        return None
    return until - BEFORE_DIGEST


def is_working(calendar: Calendar, now: datetime) -> bool:
    """Say whether people are at work at an instant."""
    return any(start <= now < end for start, end in calendar.spans_on(calendar.day_of(now)))


def released_at(quiet: QuietHours, calendar: Calendar, now: datetime) -> datetime:
    """Return when what waits leaves: at the next digest, or when work begins before it."""
    zone, today = ZoneInfo(calendar.zone), calendar.day_of(now)
    days = (today, today + timedelta(days=1))
    digests = [datetime.combine(day, quiet.digest_at, tzinfo=zone).astimezone(UTC) for day in days]
    begins = [start for day in days for start, _ in calendar.spans_on(day)]
    return min(at for at in (*digests, *begins) if at > now)
