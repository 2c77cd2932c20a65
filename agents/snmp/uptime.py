"""How long a device runs, also beyond the 497 days after which its own figure begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.snmp.counters import WRAP_32, is_turned_over

if TYPE_CHECKING:
    from agents.snmp.family import Poll

# snmpEngineTime counts seconds and lasts 68 years; it begins within minutes of sysUpTime.
MOST_APART_SECONDS = 900.0


class Noted(NamedTuple):
    """What was read at the last poll: 1/100 s, how often they had begun anew, monotonic seconds."""

    ticks: int
    turns: int
    at: float


def uptime(
    ticks: int, engine_seconds: float | None, before: Noted | None, at: float
) -> tuple[float, Noted]:
    """Return the seconds that a device runs, and what to note for the next poll.

    Without an engine's time that agrees, and without an earlier poll, the figure is as the device
    gives it.

    Args:
        ticks: hrSystemUptime or sysUpTime, 1/100 s, of 32 bits.
        engine_seconds: snmpEngineTime (SNMP-FRAMEWORK-MIB).
    """
    turns = _turns_by_engine(ticks, engine_seconds)
    if turns is None:
        turns = _turns_by_poll(ticks, before, at)
    return (ticks + turns * WRAP_32) / 100, Noted(ticks, turns, at)


def uptime_of(poll: Poll, ticks: int | None = None, engine: float | None = None) -> float | None:
    """Return the same of a poll, noted in its memory; by sysUpTime where no ticks are given."""
    ticks = poll.identity.uptime_ticks if ticks is None else ticks
    if ticks is None or not 0 <= ticks < WRAP_32:
        return None
    noted = poll.memory.get("uptime")
    before = noted if isinstance(noted, Noted) else None
    seconds, poll.memory["uptime"] = uptime(ticks, engine, before, poll.at)
    return seconds


def _turns_by_engine(ticks: int, engine_seconds: float | None) -> int | None:
    if engine_seconds is None:
        return None
    apart_ticks = engine_seconds * 100 - ticks
    turns = round(apart_ticks / WRAP_32)
    is_near = abs(apart_ticks - turns * WRAP_32) <= 100 * MOST_APART_SECONDS
    return turns if is_near and turns >= 0 else None


def _turns_by_poll(ticks: int, before: Noted | None, at: float) -> int:
    if before is None:
        return 0
    if ticks >= before.ticks:
        return before.turns
    return before.turns + 1 if is_turned_over(before.ticks, ticks, at - before.at) else 0
