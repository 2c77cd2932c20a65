"""Whether the path carries packets as large as video's, which may not be cut in pieces."""

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
    """Return a no-go where they are too large for it."""
    limits = asked.thresholds.least_path_bytes
    found = of_metric((*facts.path, *facts.endpoint), "wanwatch_path_mtu_bytes")
    return worst(held_against(one, one.value, limits, "bytes", "below") for one in found)


CHECK = Check("path_mtu", SCREENS, "path-marking", judge)
