"""The text of a syslog message, of the old form and of the new.

Sources: RFC 5424 section 6, RFC 3164 section 4; what devices send beside them: a number and a mark
before the instant, a year in it, no instant, no name.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import tzinfo

MOST_BYTES = 8_192
MOST_NAME_CHARACTERS, MOST_TEXT_CHARACTERS = 64, 1_000
FACILITIES = (
    *("kernel", "user", "mail", "daemon", "auth", "syslog", "printer", "news", "uucp", "clock"),
    *("authpriv", "ftp", "ntp", "audit", "alert", "cron"),
    *(f"local{number}" for number in range(8)),
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_PRIORITY = re.compile(r"<([0-9]{1,3})>", re.ASCII)
_STAMP = re.compile(
    r"(?:[0-9]{1,10}: )?[*.]?([A-Z][a-z]{2}) {1,2}([0-9]{1,2})(?: ([0-9]{4}))?"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?: [A-Z]{3,5})?:?(?: |$)",
    re.ASCII,
)
_INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_ISO_STAMP = re.compile(rf"({_INSTANT}) ", re.ASCII)
_NEW = re.compile(rf"1 (-|{_INSTANT}) (\S{{1,255}}) (\S{{1,48}}) \S{{1,128}} \S{{1,32}} ", re.ASCII)
_ELEMENT = re.compile(r'\[[^\s=\]"]{1,32}(?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*\]', re.DOTALL)
# A word that ends in a colon is what speaks, not where.
_HOST = re.compile(r"([A-Za-z0-9_.:-]{0,254}[A-Za-z0-9_.-]) ", re.ASCII)
_TAG = re.compile(r"([A-Za-z0-9_./%-]{1,64})(?:\[[^\]\s]{0,32}\])?: ?", re.ASCII)


class NotSyslog(ValueError):
    """The bytes do not begin as a message does."""


class Message(NamedTuple):
    """One message; `at` is when its sender says it was, `host` and `app` are empty where unsaid."""

    facility: str
    severity: int
    host: str
    app: str
    text: str
    at: datetime | None = None


def read(data: bytes, now: datetime, zone: tzinfo) -> Message:
    """Return what a message says; fields are cut to a bounded length.

    Args:
        now: The year of an instant without one is that which brings it nearest to this.
        zone: In which such an instant is told.

    Raises:
        NotSyslog: It does not begin with a priority.
    """
    text = data[:MOST_BYTES].decode("utf-8", "replace").rstrip("\r\n\x00")
    priority = _PRIORITY.match(text)
    facility, severity = divmod(int(priority[1]) if priority else 999, 8)
    if priority is None or facility >= len(FACILITIES):
        raise NotSyslog("no priority from 0 to 191")
    rest = text[priority.end() :]
    host, app, said, at = _read_new(rest) or _read_old(rest, now, zone)
    return Message(
        FACILITIES[facility],
        severity,
        host[:MOST_NAME_CHARACTERS],
        app[:MOST_NAME_CHARACTERS],
        said[:MOST_TEXT_CHARACTERS],
        at,
    )


def _read_new(rest: str) -> tuple[str, str, str, datetime | None] | None:
    head = _NEW.match(rest)
    if head is None:
        return None
    stamp, host, app = (("" if part == "-" else part) for part in head.groups())
    start = head.end()
    if rest.startswith("-", start):
        start += 1
    else:
        while element := _ELEMENT.match(rest, start):
            start = element.end()
    said = rest[start:].removeprefix(" ").removeprefix("\ufeff")
    return host, app, said, _instant(stamp)


def _read_old(rest: str, now: datetime, zone: tzinfo) -> tuple[str, str, str, datetime | None]:
    at: datetime | None = None
    host, has_stamp = "", False
    if found := _STAMP.match(rest):
        at, has_stamp = _nearest(found, now, zone), True
    elif found := _ISO_STAMP.match(rest):
        at, has_stamp = _instant(found[1]), True
    rest = rest[found.end() :] if found else rest
    if has_stamp and not rest.startswith("%") and (named := _HOST.match(rest)):
        host, rest = named[1], rest[named.end() :]
    tag = _TAG.match(rest)
    return host, tag[1] if tag else "", rest[tag.end() :] if tag else rest, at


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _nearest(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime | None:
    """Return the instant of a stamp without a year that lies nearest to `now`."""
    month, day, year, *clock = found.groups()
    if month.lower() not in _MONTHS:
        return None
    number, (hour, minute, second) = _MONTHS.index(month.lower()) + 1, map(int, clock)
    here = now.astimezone(zone)
    years = [int(year)] if year else [here.year - 1, here.year, here.year + 1]
    candidates: list[datetime] = []
    for one in years:
        try:
            local = datetime(one, number, int(day), hour, minute, second, tzinfo=zone)
            candidates.append(local.astimezone(UTC))
        except (ValueError, OverflowError):
            continue  # no such day in that year
    return min(candidates, key=lambda at: abs(at - now), default=None)


def is_off(message: Message, now: datetime, most: timedelta = timedelta(minutes=1)) -> bool:
    """Say whether the sender's clock, or the way here, is wrong by more than `most`."""
    return message.at is not None and abs(message.at - now) > most
