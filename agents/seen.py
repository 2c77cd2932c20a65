"""Which sockets of a device have something in them that can be lost: those that ever had."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agents.endpoint import Peripheral

DAY_SECONDS = 86_400
# What was taken away for good is forgotten after this.
MOST_DAYS = 7


def lost_or_working(
    sockets: Iterable[Peripheral], seen: Mapping[str, str], target: str, now: float
) -> tuple[tuple[Peripheral, ...], dict[str, str]]:
    """Return what is in use, and what is to be noted of it beside what was seen before.

    A device names every socket it has. One that was empty since we know it lacks nothing; one that
    held a camera yesterday does.

    Args:
        seen: The day since 1970 on which each socket was last seen working.
        now: Unix time in seconds.
    """
    today = int(now // DAY_SECONDS)
    notes: dict[str, str] = {}
    found = []
    for one in sockets:
        key = f"{target} {one.kind} {one.name}"
        if one.is_working:
            notes[key] = str(today)
        last = today if one.is_working else _day_of(seen.get(key))
        if last is not None and today - last <= MOST_DAYS:
            found.append(one)
    return tuple(found), notes


def _day_of(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
