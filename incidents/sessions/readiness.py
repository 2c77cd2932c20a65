"""Whether the points of a session are ready: one cell per check, the worst first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.sessions.cells import WORST_FIRST, Cell, Verdict, not_applicable
from incidents.sessions.check import Asked
from incidents.sessions.checks import CHECKS
from incidents.sessions.moments import Moment, moment_of
from incidents.sessions.thresholds import BY_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from incidents.sessions.check import Check
    from incidents.sessions.facts import PointFacts
    from incidents.sessions.model import Point, Session
    from incidents.sessions.thresholds import Thresholds

_MENDED = frozenset({Verdict.NO_GO, Verdict.WARNING})


@dataclass(frozen=True, slots=True)
class PointReadiness:
    """One row of the board."""

    point: Point
    cells: tuple[Cell, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst that counts: what may be left unchecked does not make a row grey."""
        counted = [
            cell.verdict
            for cell in self.cells
            if cell.needed or cell.verdict is not Verdict.NOT_CHECKED
        ]
        found = min(counted, key=WORST_FIRST.index, default=Verdict.NOT_CHECKED)
        return Verdict.NOT_CHECKED if found is Verdict.NOT_APPLICABLE else found

    def count(self, verdict: Verdict) -> int:
        """Return how many cells came to it."""
        return sum(cell.verdict is verdict for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Board:
    """The go/no-go board of a session at an instant; rows the worst first.

    Attributes:
        moment: How near the session was.
    """

    at: datetime
    moment: Moment
    rows: tuple[PointReadiness, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst point's; a session without points is not checked."""
        found = (row.verdict for row in self.rows)
        return min(found, key=WORST_FIRST.index, default=Verdict.NOT_CHECKED)


def board(
    session: Session,
    facts: Iterable[PointFacts],
    now: datetime,
    *,
    moment: Moment | None = None,
    thresholds: Thresholds | None = None,
) -> Board:
    """Return the whole board.

    Args:
        moment: What must hold, where it is not simply what the clock says.
        thresholds: Other than those of the session's class.
    """
    asked = Asked(
        session,
        moment_of(session, now) if moment is None else moment,
        BY_CLASS[session.session_class] if thresholds is None else thresholds,
        now,
    )
    rows = [PointReadiness(one.point, tuple(cells(one, asked))) for one in facts]
    return Board(now, asked.moment, tuple(sorted(rows, key=_worst_first)))


def cells(facts: PointFacts, asked: Asked) -> Iterable[Cell]:
    """Yield the cells of a point, in the order of the checks."""
    for check in CHECKS:
        yield _cell(check, facts, asked)


def _cell(check: Check, facts: PointFacts, asked: Asked) -> Cell:
    applies = facts.point.way in check.ways
    found = check.judge(facts, asked) if applies else not_applicable()
    return replace(
        found,
        check=check.name,
        runbook=check.runbook if found.verdict in _MENDED else "",
        needed=check.name not in asked.thresholds.optional,
    )


def _worst_first(row: PointReadiness) -> tuple[int, int, int, int, int]:
    return (
        WORST_FIRST.index(row.verdict),
        -row.count(Verdict.NO_GO),
        -row.count(Verdict.NOT_CHECKED),
        -row.count(Verdict.WARNING),
        row.point.order,
    )
