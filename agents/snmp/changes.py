"""Changes that a device dates by its own uptime: how many were seen, and when the last one was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.snmp.counters import WRAP_32, is_restarted

if TYPE_CHECKING:
    from collections.abc import MutableMapping

# What a device reads from its own store as it starts is no change; 1/100 s.
STARTING_TICKS = 100 * 300


class Noted(NamedTuple):
    """What the last poll saw, and how many changes were seen so far."""

    changed_ticks: int
    ticks: int
    at: float
    changes: int


def count_changes(
    changed_ticks: int, ticks: int, at: float, memory: MutableMapping[str, object]
) -> int:
    """Return how many polls found another instant of the last change, since the first poll.

    Args:
        changed_ticks: The uptime at the last change, 1/100 s.
        ticks: The uptime now.
        at: Monotonic seconds.
        memory: Whose `changes` is ours.
    """
    before = memory.get("changes")
    changes = 0
    if isinstance(before, Noted):
        is_new = before.changed_ticks != changed_ticks
        is_start = ticks < STARTING_TICKS or is_restarted(before.ticks, ticks, at - before.at)
        changes = before.changes + int(is_new and not is_start)
    memory["changes"] = Noted(changed_ticks, ticks, at, changes)
    return changes


def age_seconds(changed_ticks: int, ticks: int) -> float:
    """Return how long ago a change was, also one from before the uptime began anew at 2**32."""
    return (ticks - changed_ticks) % WRAP_32 / 100
