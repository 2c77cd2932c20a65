"""Expected hours of a unit: when its hosts should be on, in local time, week after week."""

from __future__ import annotations

import re
from dataclasses import dataclass

MINUTES_A_DAY = 24 * 60
# A computer room is switched on during its first hour, not at its first minute.
START_GRACE_MINUTES = 60
_DAYS = {
    name: number
    for names in ("mon tue wed thu fri sat sun", "t2 t3 t4 t5 t6 t7 cn")
    for number, name in enumerate(names.split())
}
_DAYS_AND_TIMES = re.compile(r"(\w+)(?:-(\w+))? +(\S.*)")
_TIMES = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Ranges of (weekday from Monday = 0, start minute, end minute); empty means always."""

    ranges: tuple[tuple[int, int, int], ...] = ()


NO_HOURS = Hours()


def parse_hours(text: str) -> Hours:
    """Read `T2-T6 07:00-11:30,13:30-17:00; T7 07:30-11:30` or `Mon-Fri …`; empty means always.

    Raises:
        ValueError: It says something else.
    """
    ranges: list[tuple[int, int, int]] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = _DAYS_AND_TIMES.fullmatch(part)
        first = _DAYS.get(found[1].lower()) if found else None
        last = _DAYS.get((found[2] or found[1]).lower()) if found else None
        if found is None or first is None or last is None:
            raise ValueError(
                f"{part!r} given; write days and times, such as 'T2-T6 07:00-17:00; T7 07:30-11:30'"
            )
        if first > last:
            raise ValueError(f"{part!r} given; the last day must come after the first")
        for times in found[3].split(","):
            start, end = _minutes(times.strip())
            ranges += [(day, start, end) for day in range(first, last + 1)]
    return Hours(tuple(ranges))


def _minutes(times: str) -> tuple[int, int]:
    found = _TIMES.fullmatch(times)
    if found is None:
        raise ValueError(f"{times!r} given; write times such as 07:00-11:30")
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    if not 0 <= start < end <= MINUTES_A_DAY:
        raise ValueError(f"{times!r} given; the end must come after the start, by 24:00")
    return start, end
