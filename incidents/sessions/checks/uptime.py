"""Whether the endpoint has just started: one that restarts by itself does so again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import held_against, worst
from incidents.sessions.check import SCREENS, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return a warning below the least uptime."""
    limits = asked.thresholds.uptime_seconds
    metrics = ("wanwatch_endpoint_uptime_seconds", "wanwatch_device_uptime_seconds")
    for metric in metrics:
        if found := list(of_metric(facts.endpoint, metric)):
            return worst(held_against(one, one.value, limits, "seconds", "below") for one in found)
    return worst(())


CHECK = Check("uptime", SCREENS, "device-restarted", judge)
