"""What a page says of how old its data is: an instant after a text that stands before it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

# How far after the text the instant may stand.
REACH_CHARACTERS = 200
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# As written in Vietnam: 26/11/2026 08:05, or 08:05 26/11/2026, with seconds or without.
_DAY_FIRST = re.compile(
    r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})[ ,-]+"
    r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?",
    re.ASCII,
)
_TIME_FIRST = re.compile(
    r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?[ ,-]+"
    r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})",
    re.ASCII,
)
_UNIX = re.compile(r"(?<!\d)\d{10}(?!\d)", re.ASCII)
_HTTP = re.compile(
    r"\w{3}, (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) GMT",
    re.ASCII,
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def instant_after(text: str, before: str, offset_hours: float) -> float | None:
    """Return the instant that stands first after `before`, in Unix seconds; None: there is none.

    Args:
        offset_hours: Of the page's local time from UTC, where the instant does not say its zone.
    """
    start = text.find(before)
    if start < 0:
        return None
    start += len(before)
    near = text[start : start + REACH_CHARACTERS]
    hits = [hit for one in (_ISO, _DAY_FIRST, _TIME_FIRST, _UNIX) if (hit := one.search(near))]
    if not hits:
        return None
    hit = min(hits, key=lambda hit: hit.start())
    if not hit.groupdict():
        return float(hit[0])
    return _instant(hit.groupdict(), offset_hours)


def http_date(text: str) -> float | None:
    """Return the instant of a header such as Last-Modified; RFC 9110 section 5.6.7."""
    hit = _HTTP.fullmatch(text)
    if hit is None:
        return None
    day, month, *rest = hit.groups()
    parts = [int(rest[0]), _MONTHS.index(month) + 1, int(day), *map(int, rest[1:])]
    try:
        return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _instant(found: dict[str, str | None], offset_hours: float) -> float | None:
    names = ("year", "month", "day", "hour", "minute", "second")
    parts = [int(found.get(name) or 0) for name in names]
    zone = found.get("zone")
    if zone:
        offset_hours = 0.0
        if zone != "Z":
            hours, minutes = int(zone[1:3]), int(zone[-2:])
            offset_hours = (hours + minutes / 60) * (-1 if zone[0] == "-" else 1)
    try:
        local = timezone(timedelta(hours=offset_hours))
        return datetime(*parts, tzinfo=local).timestamp()  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        return None
