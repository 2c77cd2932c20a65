"""When what recurs is held: by an RRULE of RFC 5545, or by the office's weekly schedule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from dateutil import rrule  # type: ignore[import-untyped]

from incidents.conditions import Refused
from incidents.sessions.policy_parts import WEEKDAYS
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from incidents.sessions.policy_parts import Weekly

MOST = 200
# What recurs more often than daily is no conference, and takes long to write out.
_FREQUENCIES = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)", re.IGNORECASE)


def by_rule(
    rule: str, first: datetime, until: datetime, *, without: Collection[datetime] = ()
) -> list[datetime]:
    """Return when a rule holds from its first time on to before `until`, at most `MOST` of them.

    Local time stays local time: an hour at which something is held does not move with UTC.

    Raises:
        Refused: It is no rule, or one that repeats within a day.
    """
    if not _FREQUENCIES.search(rule):
        raise _refused(rule, "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
    start = first.astimezone(ZONE).replace(tzinfo=None)
    end = until.astimezone(ZONE).replace(tzinfo=None)
    try:
        found = rrule.rrulestr(_local_until(rule), dtstart=start)
        most = min(MOST, found._count or MOST)
        # An end bounds how long a rule that never holds is looked through.
        bounded = found.replace(until=min(found._until or end, end), count=None)
        local = [at for at in islice(bounded, most) if at < end]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise _refused(rule, str(error)) from error
    left_out = set(without)
    times = [at.replace(tzinfo=ZONE).astimezone(UTC) for at in local]
    return [at for at in times if at not in left_out]


def _local_until(rule: str) -> str:
    """Return a rule whose UNTIL is local time, as the beginning is."""

    def local(found: re.Match[str]) -> str:
        at = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"UNTIL={at.astimezone(ZONE):%Y%m%dT%H%M%S}"

    return re.sub(r"UNTIL=(\d{8}T\d{6}Z)", local, rule, flags=re.IGNORECASE)


def weekly_times(
    one: Weekly, now: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield beginning and end of every time that has not ended and begins before `until`."""
    day, last = now.astimezone(ZONE).date(), until.astimezone(ZONE).date()
    while day <= last:
        if _is_held(one, day):
            starts_at = datetime.combine(day, one.at, tzinfo=ZONE).astimezone(UTC)
            ends_at = datetime.combine(day, one.until, tzinfo=ZONE).astimezone(UTC)
            if ends_at > now and starts_at < until:
                yield starts_at, ends_at
        day += timedelta(days=1)


def _is_held(one: Weekly, day: date) -> bool:
    if WEEKDAYS[day.weekday()] != one.day or day in one.skip:
        return False
    if (one.start and day < one.start) or (one.end and day > one.end):
        return False
    if one.every_weeks == 1 or one.start is None:
        return True
    monday = one.start - timedelta(days=one.start.weekday())
    return (day - monday).days // 7 % one.every_weeks == 0


def _refused(rule: str, why: str) -> Refused:
    return Refused(
        f"Quy tắc lặp “{rule[:100]}” không dùng được: {why}.",
        f"The rule {rule[:100]!r} cannot be used: {why}.",
        ["rrule"],
    )
