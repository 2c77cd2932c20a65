"""Whether the clocks at the point are right: a wrong one weakens every time in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import held_against, worst
from incidents.sessions.check import SCREENS, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts

METRICS = ("wanwatch_ntp_offset_seconds", "node_timex_offset_seconds")


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the clock that is furthest off, whichever way."""
    limits = asked.thresholds.clock_seconds
    found = of_metric((*facts.endpoint, *facts.site), *METRICS)
    return worst(held_against(one, abs(one.value), limits, "seconds") for one in found)


CHECK = Check("clock", SCREENS, "device-clock-wrong", judge)
