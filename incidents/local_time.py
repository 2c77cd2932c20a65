"""Wall-clock times of a zone as instants, over changes of its clocks: nothing drifts an hour.

A schedule keeps a zone name and wall times, never an offset. A wall time that a change of the
clocks skips is the instant of the change; one that comes twice is the first of the two.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_SECOND = timedelta(seconds=1)
# Beyond them no zone knows its clocks, and a day more or less is none any more.
YEARS = range(2000, 2100)


def _clock(value: object) -> object:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("allowed is a time of day such as '07:00'")
    return time(int(found[1]), int(found[2]))


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("allowed is the name of a zone, such as 'Asia/Ho_Chi_Minh'")
    return value


ClockTime = Annotated[time, BeforeValidator(_clock)]
ZoneName = Annotated[str, AfterValidator(_zone)]


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which the clocks of a zone show this time of a day."""
    wall = datetime.combine(day, clock, tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _change_between(wall.replace(fold=1).astimezone(UTC), instant, zone)


def parse_local(text: str, zone: str) -> datetime:
    """Read `2026-11-30 07:00`, in the zone unless it names an offset itself.

    Raises:
        ValueError: It is no day with a time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or len(text) <= len("2026-11-30") or at.year not in YEARS:
        raise ValueError("allowed is a day and a time such as '2026-11-30 07:00'")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    return instant_of(at.date(), at.time(), ZoneInfo(zone))


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant with the offset of `after`; `before` has another one."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
