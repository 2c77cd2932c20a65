"""Whether the technician has said that they will be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.cells import Cell, Verdict
from incidents.sessions.check import ALL, Check

if TYPE_CHECKING:
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return a warning while there is time to ask, a no-go when they should be in the room."""
    point = facts.point
    if point.technician and point.is_confirmed:
        return Cell(Verdict.GO, "confirmed", source=point.technician)
    is_late = asked.moment.place >= asked.thresholds.confirmed_from.place
    reason = "unconfirmed" if point.technician else "nobody"
    return Cell(Verdict.NO_GO if is_late else Verdict.WARNING, reason, text=point.technician)


CHECK = Check("technician", ALL, "", judge)
