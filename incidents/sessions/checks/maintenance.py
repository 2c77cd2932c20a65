"""Whether planned work meets the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Cell, Verdict
from incidents.sessions.check import ALL, Check

if TYPE_CHECKING:
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:  # noqa: ARG001
    """Return a no-go for any: it is to be moved, or the session is."""
    if not facts.works:
        return Cell(Verdict.GO, "none_planned", age_seconds=0.0)
    first = facts.works[0]
    return Cell(
        Verdict.NO_GO,
        "planned",
        text="; ".join(one.what for one in facts.works),
        source=first.owner,
        said_at=first.starts_at,
    )


CHECK = Check("maintenance", ALL, "", judge)
