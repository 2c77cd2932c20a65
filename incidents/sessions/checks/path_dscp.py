"""Whether the path keeps the marking by which the network gives voice and video preference."""

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
    """Return a warning where packets come back with another marking."""
    limits = asked.thresholds.remarked_ratio
    found = of_metric(facts.path, "wanwatch_stamp_remarked_ratio")
    return worst(held_against(one, one.value, limits, "ratio") for one in found)


CHECK = Check("path_dscp", SCREENS, "path-marking", judge)
