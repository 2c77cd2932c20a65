"""Counters of SNMP devices: how fast one grows, and whether its device began to count anew."""

from __future__ import annotations

from typing import Literal

WRAP_32 = 2**32
# How far a device's own clock may be off ours between two polls.
SLACK_SECONDS, SLACK_RATIO = 60.0, 0.01


def growth_per_second(
    before: int, now: int, bits: Literal[32, 64], seconds: float, most_per_second: float | None
) -> float | None:
    """Return how much a counter grew a second between two polls; None where nobody can say.

    A counter that went back was reset and gives no value, unless it is one of 32 bits that turned
    over. It may be believed to have turned over once where it cannot have done so twice, and where
    the growth is possible at all: at most a tenth more than `most_per_second`.

    Args:
        most_per_second: What the port can carry; None where that is not known.
    """
    if seconds <= 0 or min(before, now) < 0 or max(before, now) >= 2**bits:
        return None
    if bits == 64 or most_per_second is None:
        return (now - before) / seconds if now >= before else None
    if most_per_second * seconds >= WRAP_32:
        return None
    grown = (now - before) % WRAP_32 / seconds
    return grown if grown <= 1.1 * most_per_second else None


def is_turned_over(before: int, now: int, seconds: float) -> bool:
    """Say whether an uptime in 1/100 s went through 2**32, which it does every 497 days."""
    slack = 100 * (SLACK_SECONDS + SLACK_RATIO * seconds)
    return now < before and abs(before + 100 * seconds - WRAP_32 - now) <= slack


def is_restarted(before: int, now: int, seconds: float) -> bool:
    """Say whether a device began anew between two polls, by its uptime in 1/100 s."""
    if now < before:
        return not is_turned_over(before, now, seconds)
    return now + 100 * (SLACK_SECONDS + SLACK_RATIO * seconds) < 100 * seconds
