"""Whether the endpoint answers: every probe that asks who is there, and no probe of its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, of_reading, worst
from incidents.sessions.check import SCREENS, Check
from incidents.sessions.facts import of_metric

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts

# They ask the path, a certificate or a clock: their silence is judged elsewhere.
ELSEWHERE = frozenset({"stamp", "path_mtu", "trace", "tls", "ntp"})


def judge(facts: PointFacts, asked: Asked) -> Cell:  # noqa: ARG001
    """Return a no-go where any probe has no answer."""
    alive = of_metric(
        facts.endpoint,
        "wanwatch_probe_alive",
        where=lambda labels: labels.get("probe") not in ELSEWHERE,
    )
    return worst(
        of_reading(
            Verdict.GO if one.value else Verdict.NO_GO,
            one,
            "" if one.value else "silent",
            text=one.labels.get("probe", ""),
        )
        for one in alive
    )


CHECK = Check("reachability", SCREENS, "endpoint-unreachable", judge)
