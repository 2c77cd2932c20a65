"""What this host's kernel says of its clock, as entries keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.timex import read_timex

if TYPE_CHECKING:
    from agents.timex import Timex
    from incidents.timeline import ClockState

_MICROSECONDS = 1_000_000


def clock_state() -> ClockState | None:
    """Ask the kernel; None where it has no opinion or does not tell."""
    try:
        return state_of(read_timex())
    except OSError:
        return None


def state_of(timex: Timex) -> ClockState:
    """Return it in whole microseconds."""
    return {
        "synchronised": timex.is_synchronised,
        "offset": round(timex.offset_seconds * _MICROSECONDS),
        "error": round(timex.maxerror_seconds * _MICROSECONDS),
    }
