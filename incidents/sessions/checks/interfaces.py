"""Whether ports of the unit's devices lose packets, are full, or went down."""

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

ERRORS = ("wanwatch_interface_receive_errors_total", "wanwatch_interface_transmit_errors_total")
USED = ("wanwatch_interface_receive_used_ratio", "wanwatch_interface_transmit_used_ratio")


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the worst port; what was never described may be anybody's desk."""
    return worst(_cells(facts.everything, asked))


def _cells(readings: tuple[Reading, ...], asked: Asked) -> Iterator[Cell]:
    for one in of_metric(readings, *ERRORS):
        if one.growth_per_second is not None:
            limits = asked.thresholds.errors_per_second
            yield held_against(one, one.growth_per_second, limits, "per_second")
    for one in of_metric(readings, *USED):
        yield held_against(one, one.value, asked.thresholds.used_ratio, "ratio")
    for one in of_metric(readings, "wanwatch_interface_lost"):
        if one.value and one.labels.get("description"):
            yield of_reading(Verdict.NO_GO, one, "port_lost", text=one.labels.get("interface", ""))
    for one in of_metric(readings, "wanwatch_interface_half_duplex"):
        if one.value:
            yield of_reading(
                Verdict.WARNING, one, "half_duplex", text=one.labels.get("interface", "")
            )


CHECK = Check("interfaces", SCREENS, "interface-errors", judge)
