"""How unevenly packets come over the path, the worse direction."""

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
    """Return the worst jitter."""
    limits = asked.thresholds.jitter_seconds
    found = of_metric(facts.path, "wanwatch_stamp_jitter_seconds")
    return worst(held_against(one, one.value, limits, "seconds") for one in found)


CHECK = Check("path_jitter", SCREENS, "path-quality", judge)
