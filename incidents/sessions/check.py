"""What a check of readiness is: which points it speaks of, what it comes to, what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from incidents.sessions.cells import Cell
    from incidents.sessions.facts import PointFacts
    from incidents.sessions.model import Session, Way
    from incidents.sessions.moments import Moment
    from incidents.sessions.thresholds import Thresholds


class Asked(NamedTuple):
    """What a point is looked at for: the session, how near it is, and what must hold."""

    session: Session
    moment: Moment
    thresholds: Thresholds
    now: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        ways: Of which points it says anything.
        runbook: What mends it.
        judge: Returns the cell; who called, name and runbook are filled in by the board.
    """

    name: str
    ways: frozenset[Way]
    runbook: str
    judge: Callable[[PointFacts, Asked], Cell]


CODEC: frozenset[Way] = frozenset({"codec"})
SCREENS: frozenset[Way] = frozenset({"codec", "software"})
ALL: frozenset[Way] = frozenset({"codec", "software", "telephone"})
