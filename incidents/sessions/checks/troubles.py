"""Whether incidents are open on the endpoint, its path or its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Cell, Verdict
from incidents.sessions.check import ALL, Check

if TYPE_CHECKING:
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts

# These stop a service or put it at risk; the rest leaves redundancy or a way around.
GRAVE = frozenset({"S1", "S2"})


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return a no-go for a grave one, a warning for any other."""
    if not facts.troubles:
        return Cell(Verdict.GO, "none_open", age_seconds=0.0)
    is_grave = any(one.severity in GRAVE for one in facts.troubles)
    oldest_at = min(one.detected_at for one in facts.troubles)
    return Cell(
        Verdict.NO_GO if is_grave else Verdict.WARNING,
        "open",
        text=", ".join(one.code for one in facts.troubles),
        age_seconds=max(0.0, (asked.now - oldest_at).total_seconds()),
    )


CHECK = Check("troubles", ALL, "", judge)
