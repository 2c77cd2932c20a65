"""The few named values of which a host keeps an hour, one a minute, for its page."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTES = 60
How = Literal["last", "max", "rate", "per_cpu"]


class Role(NamedTuple):
    """Which indicator a series feeds, and how several of its kind become one."""

    indicator: str
    how: How


_ROLES: dict[str, Role] = {
    "wanwatch_cpu_used_ratio": Role("cpu_used_ratio", "last"),
    "wanwatch_memory_used_ratio": Role("memory_used_ratio", "last"),
    "wanwatch_swap_used_ratio": Role("swap_used_ratio", "last"),
    "wanwatch_filesystem_used_ratio": Role("filesystem_used_ratio_max", "max"),
    "node_load1": Role("load_per_cpu", "per_cpu"),
    "node_network_receive_bytes_total": Role("receive_bytes_per_second", "rate"),
    "node_network_transmit_bytes_total": Role("transmit_bytes_per_second", "rate"),
    "node_timex_offset_seconds": Role("clock_offset_seconds", "last"),
}
INDICATORS = tuple(role.indicator for role in _ROLES.values())


def role_of(name: str, labels: Mapping[str, str]) -> Role | None:
    """Return what a series is for the host's page; the loopback interface counts for nothing."""
    role = _ROLES.get(name)
    return None if role is not None and labels.get("device") == "lo" else role


class Indicator:
    """An hour of one value; a minute without data is NaN, one beyond float32 infinite: no data."""

    __slots__ = ("minute", "values")

    def __init__(self) -> None:
        self.values = array("f", [math.nan]) * MINUTES
        self.minute = 0

    def put(self, value: float, at: float) -> None:
        """Set the value of a minute of the last hour; `at` is Unix seconds."""
        minute = int(at // 60)
        if minute == self.minute:
            self.values[minute % MINUTES] = value
            return
        if minute >= self.minute + MINUTES:
            self.values = array("f", [math.nan]) * MINUTES
        else:
            for passed in range(self.minute + 1, minute + 1):
                self.values[passed % MINUTES] = math.nan
        self.minute = max(self.minute, minute)
        if minute > self.minute - MINUTES:
            self.values[minute % MINUTES] = value

    def last_hour(self, now: float) -> list[float | None]:
        """Return 60 values, the minute of `now` (Unix seconds) last; None where none came."""
        newest = int(now // 60)
        return [self._at(minute) for minute in range(newest - MINUTES + 1, newest + 1)]

    def _at(self, minute: int) -> float | None:
        if not self.minute - MINUTES < minute <= self.minute:
            return None
        value = self.values[minute % MINUTES]
        return value if math.isfinite(value) else None


class Tally:
    """What the samples of one report add up to, indicator by indicator."""

    def __init__(self, cpu_count: float) -> None:
        self._cpu_count = cpu_count
        self.totals: dict[str, float] = {}

    def add(self, role: Role, value: float, per_second: float | None) -> None:
        """Count a sample; `per_second` is its growth since the one before, where it is known."""
        name = role.indicator
        if role.how == "max":
            self.totals[name] = max(value, self.totals.get(name, value))
        elif role.how == "rate":
            if per_second is not None and per_second >= 0:
                self.totals[name] = self.totals.get(name, 0.0) + per_second
        elif role.how == "per_cpu":
            if self._cpu_count > 0:
                self.totals[name] = value / self._cpu_count
        else:
            self.totals[name] = value
