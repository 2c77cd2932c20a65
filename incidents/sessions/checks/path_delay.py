"""How long packets take over the path: one way where both clocks agree, else there and back."""

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
    """Return the worst delay."""
    one_way, both_ways = asked.thresholds.delay_seconds, asked.thresholds.round_trip_seconds
    found = [
        held_against(one, one.value, one_way, "seconds")
        for one in of_metric(facts.path, "wanwatch_stamp_delay_seconds")
    ]
    if found:
        return worst(found)
    for readings, metric in (
        (facts.path, "wanwatch_stamp_rtt_mean_seconds"),
        ((*facts.path, *facts.endpoint), "wanwatch_icmp_rtt_mean_seconds"),
    ):
        if round_trips := list(of_metric(readings, metric)):
            return worst(held_against(one, one.value, both_ways, "seconds") for one in round_trips)
    return worst(())


CHECK = Check("path_delay", SCREENS, "path-quality", judge)
