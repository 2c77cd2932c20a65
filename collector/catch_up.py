"""How fast agents that come back may hand over what they kept: as fast as we are idle, shared out.

Every second the total rises by a tenth while there is room and is halved when there is none, so
that a province's agents which return together never push a live report aside.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

# All in reports a minute.
FIRST_TOTAL, LEAST_TOTAL, MOST_TOTAL = 6_000, 600, 120_000
LEAST_PER_AGENT, MOST_PER_AGENT = 1, 600
RISE_RATIO, RISE_STEP = 0.1, 60
# Well before reports are shed: 250 ms, 5,000 waiting, 2 % of the disk.
EASY_LAG_SECONDS, HARD_LAG_SECONDS = 0.03, 0.1
EASY_WAITING, HARD_WAITING = 200, 1_000
HARD_DISK_FREE_RATIO = 0.05
# An agent holds some reports for a moment after every hiccup; that is no backlog.
BEHIND_REPORTS = 12
FORGET_SECONDS = 120.0
ADJUST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """What the collector is busy with."""

    loop_lag_seconds: float = 0.0
    waiting_reports: int = 0
    disk_free_ratio: float = 1.0


def next_total(total: int, load: Load) -> int:
    """Return what all agents together may hand over next; call it once a second."""
    if (
        load.loop_lag_seconds >= HARD_LAG_SECONDS
        or load.waiting_reports >= HARD_WAITING
        or load.disk_free_ratio <= HARD_DISK_FREE_RATIO
    ):
        return max(LEAST_TOTAL, total // 2)
    if load.loop_lag_seconds <= EASY_LAG_SECONDS and load.waiting_reports <= EASY_WAITING:
        return min(MOST_TOTAL, int(total * (1 + RISE_RATIO)) + RISE_STEP)
    return total


def per_agent(total: int, behind: int) -> int:
    """Return what each of the agents that are behind may hand over."""
    return max(LEAST_PER_AGENT, min(MOST_PER_AGENT, total // max(1, behind)))


class _Behind(NamedTuple):
    unit: str
    seen_at: float


class CatchUp:
    """Which agents are behind, and what each may hand over; monotonic seconds.

    Attributes:
        total: Reports a minute for all of them.
    """

    def __init__(self) -> None:
        self.total = FIRST_TOTAL
        self._behind: dict[str, _Behind] = {}
        self._by_unit: Counter[str] = Counter()
        self._adjusted_at = 0.0

    def __len__(self) -> int:
        return len(self._behind)

    def note(self, agent: str, unit: str, held: int, load: Load, now: float) -> int | None:
        """Take note of how many reports an agent holds; return what it may hand over a minute.

        None for an agent that is not behind.
        """
        if held <= BEHIND_REPORTS:
            if agent in self._behind:
                self._forget(agent)
            return None
        before = self._behind.get(agent)
        if before is None or before.unit != unit:
            if before is not None:
                self._forget(agent)
            self._by_unit[unit] += 1
        self._behind[agent] = _Behind(unit, now)
        if now - self._adjusted_at >= ADJUST_SECONDS:
            self._adjust(load, now)
        return self.per_agent

    @property
    def per_agent(self) -> int:
        """What each agent that is behind may hand over a minute."""
        return per_agent(self.total, len(self._behind))

    def of_unit(self, unit: str) -> int:
        """Return what the agents of one unit may hand over a minute, together."""
        behind = self._by_unit.get(unit, 0)
        return behind * self.per_agent if behind else 0

    def _adjust(self, load: Load, now: float) -> None:
        self._adjusted_at = now
        self.total = next_total(self.total, load)
        for agent in [a for a, b in self._behind.items() if now - b.seen_at > FORGET_SECONDS]:
            self._forget(agent)

    def _forget(self, agent: str) -> None:
        unit = self._behind.pop(agent).unit
        self._by_unit[unit] -= 1
        if not self._by_unit[unit]:
            del self._by_unit[unit]
        if not self._behind:
            self.total = FIRST_TOTAL
