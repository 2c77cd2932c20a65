"""What runs how often: until collectors hand out plans, the one built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.check import Check

DEFAULT_INTERVAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds between reports, and between the runs of each check by name."""

    interval_seconds: float
    every_seconds: dict[str, float]


def default_plan(
    checks: Mapping[str, Check[Any]],
    interval_seconds: float,
    every_seconds: Mapping[str, float],
) -> Plan:
    """Return the built-in plan: each check at its own interval, scaled with the reports' interval.

    A check of every 30 s runs with every third report whatever the interval is; one named in
    `every_seconds` runs as often as said there, but never more often than reports go.
    """
    scale = interval_seconds / DEFAULT_INTERVAL_SECONDS
    every = {
        name: max(interval_seconds, every_seconds.get(name, check.every_seconds * scale))
        for name, check in checks.items()
    }
    return Plan(interval_seconds, every)
