"""Whether the point has backup power, and is not running on it already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, held_against, of_reading, worst
from incidents.sessions.check import SCREENS, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading

UNFIT = ("wanwatch_ups_battery_low", "wanwatch_ups_replace_battery")


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the worst supply; a unit of which none is known was not checked."""
    return worst(_cells(facts.everything, asked))


def _cells(readings: tuple[Reading, ...], asked: Asked) -> Iterator[Cell]:
    for one in of_metric(readings, "wanwatch_ups_on_battery"):
        yield of_reading(
            Verdict.WARNING if one.value else Verdict.GO, one, "on_battery" if one.value else ""
        )
    for one in of_metric(readings, "node_power_supply_online"):
        yield of_reading(
            Verdict.GO if one.value else Verdict.WARNING, one, "" if one.value else "on_battery"
        )
    for one in of_metric(readings, *UNFIT):
        if one.value:
            yield of_reading(Verdict.WARNING, one, "battery_unfit")
    limits = asked.thresholds.ups_runtime_seconds
    for one in of_metric(readings, "wanwatch_ups_outage_runtime_seconds"):
        yield held_against(one, one.value, limits, "seconds", "below")


CHECK = Check("ups", SCREENS, "ups-on-battery", judge)
