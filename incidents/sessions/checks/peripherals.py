"""Whether camera, microphone and display work; other parts and a port at half duplex warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, of_reading, worst
from incidents.sessions.check import CODEC, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading

NEEDED = frozenset({"camera", "microphone", "display"})


def judge(facts: PointFacts, asked: Asked) -> Cell:  # noqa: ARG001
    """Return the worst of what is attached; a device that names no parts was not checked."""
    parts = of_metric(facts.endpoint, "wanwatch_endpoint_peripheral_up")
    ports = of_metric(facts.endpoint, "wanwatch_endpoint_half_duplex")
    found = [_part(one) for one in parts]
    if not found:
        return worst(())
    return worst([*found, *(_port(one) for one in ports if one.value)])


def _part(one: Reading) -> Cell:
    name = one.labels.get("name") or one.labels.get("kind", "")
    if one.value:
        return of_reading(Verdict.GO, one)
    is_needed = one.labels.get("kind") in NEEDED
    verdict = Verdict.NO_GO if is_needed else Verdict.WARNING
    return of_reading(verdict, one, "part_lost", text=name)


def _port(one: Reading) -> Cell:
    return of_reading(Verdict.WARNING, one, "half_duplex", text=one.labels.get("interface", ""))


CHECK = Check("peripherals", CODEC, "endpoint-peripheral-lost", judge)
