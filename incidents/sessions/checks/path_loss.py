"""What the path loses, the worse direction; where no reflector answers, what pings lose."""

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
    """Return the worst loss; a short burst counts beside the mean."""
    limits = asked.thresholds.lost_ratio
    lost = of_metric(facts.path, "wanwatch_stamp_direction_lost_ratio")
    found = [held_against(one, one.value, limits, "ratio") for one in lost]
    if not found:
        pings = of_metric((*facts.path, *facts.endpoint), "wanwatch_icmp_lost_ratio")
        return worst(held_against(one, one.value, limits, "ratio") for one in pings)
    bursts = of_metric(facts.path, "wanwatch_stamp_worst_window_lost_ratio")
    burst = asked.thresholds.burst_lost_ratio
    return worst([*found, *(held_against(one, one.value, burst, "ratio") for one in bursts)])


CHECK = Check("path_loss", SCREENS, "path-quality", judge)
