"""Whether the endpoint is registered, protocol by protocol: its own verdict on the whole lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, of_reading, worst
from incidents.sessions.check import CODEC, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:  # noqa: ARG001
    """Return a no-go where any protocol that is switched on is not registered."""
    return worst(
        of_reading(
            Verdict.GO if one.value else Verdict.NO_GO,
            one,
            "" if one.value else "unregistered",
            text=one.labels.get("protocol", ""),
        )
        for one in of_metric(facts.endpoint, "wanwatch_endpoint_registered")
    )


CHECK = Check("registration", CODEC, "endpoint-registration-lost", judge)
