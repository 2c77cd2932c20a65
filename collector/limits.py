"""How much one agent may send, and what is refused while the collector is short of something."""

from __future__ import annotations

import math
from dataclasses import dataclass

REQUESTS_PER_MINUTE = 180
REQUEST_BURST = 600
EVENTS_PER_MINUTE = 500
MAX_LOOP_LAG_SECONDS = 0.25
MAX_WAITING_REPORTS = 5_000
# The rule CollectorDiskLow pages long before, at 10 %.
MIN_DISK_FREE_RATIO = 0.02


@dataclass(slots=True)
class TokenBucket:
    """Holds at most `burst` tokens and gains `per_minute`; `at` is monotonic seconds."""

    per_minute: float
    burst: float
    tokens: float
    at: float

    @classmethod
    def full(cls, per_minute: float, burst: float, at: float) -> TokenBucket:
        """Return a bucket that nobody drew from yet."""
        return cls(per_minute, burst, burst, at)

    def wait_seconds(self, count: float, now: float) -> float:
        """Draw `count` tokens and return 0, or draw nothing and return when to come again."""
        self._gain(now)
        if self.tokens >= count:
            self.tokens -= count
            return 0.0
        return (count - self.tokens) * 60 / self.per_minute

    def draw(self, count: float, now: float) -> None:
        """Draw `count` tokens whether they are there or not; the debt is at most one burst."""
        self._gain(now)
        self.tokens = max(-self.burst, self.tokens - count)

    def _gain(self, now: float) -> None:
        gained = max(0.0, now - self.at) * self.per_minute / 60
        self.tokens, self.at = min(self.burst, self.tokens + gained), now


@dataclass(frozen=True, slots=True)
class Pressure:
    """What the collector is short of now."""

    disk_free_ratio: float = 1.0
    loop_lag_seconds: float = 0.0
    waiting_reports: int = 0


def shed_reason(pressure: Pressure, *, has_events: bool) -> str | None:
    """Return why a report is refused for now; one with events never is, a limit is still allowed.

    A report that carries events is taken whole: events are never shed, and its metrics are few.
    """
    if has_events:
        return None
    if pressure.disk_free_ratio < MIN_DISK_FREE_RATIO:
        return "disk"
    if pressure.loop_lag_seconds > MAX_LOOP_LAG_SECONDS:
        return "loop"
    return "queue" if pressure.waiting_reports >= MAX_WAITING_REPORTS else None


def retry_after(seconds: float) -> int:
    """Return a Retry-After of whole seconds, 1 to 300."""
    return max(1, min(300, math.ceil(seconds)))


@dataclass(slots=True)
class Vitals:
    """What the collector last measured of itself; the composition root keeps it current."""

    disk_free_ratio: float = 1.0
    loop_lag_seconds: float = 0.0
