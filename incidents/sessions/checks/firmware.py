"""Whether the endpoint runs what most of its model in the fleet run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, of_reading, worst
from incidents.sessions.check import CODEC, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading


def judge(facts: PointFacts, asked: Asked) -> Cell:  # noqa: ARG001
    """Return a warning where it is another one; what says no version was not checked."""
    found = of_metric(
        facts.endpoint,
        "wanwatch_endpoint_info",
        where=lambda labels: bool(labels.get("software")),
    )
    return worst(_cell(one, facts.usual_software) for one in found if one.value)


def _cell(one: Reading, usual: Mapping[tuple[str, str], str]) -> Cell:
    software = one.labels["software"]
    expected = usual.get((one.labels.get("family", ""), one.labels.get("model", "")), software)
    if software == expected:
        return of_reading(Verdict.GO, one, text=software)
    cell = of_reading(Verdict.WARNING, one, "other_software", text=software)
    return replace(cell, text=f"{software} ≠ {expected}")


def usual_software(infos: Iterable[Reading]) -> dict[tuple[str, str], str]:
    """Return what most endpoints of a family and model run; of several equally many, the last.

    Args:
        infos: `wanwatch_endpoint_info` of the whole fleet.
    """
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for one in infos:
        software = one.labels.get("software")
        if software and one.value:
            key = (one.labels.get("family", ""), one.labels.get("model", ""))
            of_model = counted.setdefault(key, {})
            of_model[software] = of_model.get(software, 0) + 1
    return {
        key: max(of_model, key=lambda name: (of_model[name], name))
        for key, of_model in counted.items()
    }


CHECK = Check("firmware", CODEC, "endpoint-trouble", judge)
