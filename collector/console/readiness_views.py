"""What the go/no-go board shows of a cell: values and thresholds written as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.console import formats
from incidents.sessions.cells import Cell, Verdict
from incidents.state import PERSON

if TYPE_CHECKING:
    from datetime import datetime

    from collector.console.formats import Language
    from collector.console.texts import Texts
    from incidents.sessions.cells import Measure
    from incidents.sessions.readiness import PointReadiness

# Which sign of the pages a verdict has: shapes first, colour second.
SIGNS: dict[Verdict, str] = {
    Verdict.NO_GO: "critical",
    Verdict.WARNING: "warning",
    Verdict.GO: "good",
    Verdict.NOT_CHECKED: "no_data",
    Verdict.NOT_APPLICABLE: "muted",
}


class CellLine(NamedTuple):
    """One cell as it is shown.

    Attributes:
        at: When the value was measured, or somebody said it; None where neither.
        source: The target or host, or who said it.
        is_said: A person said it.
    """

    check: str
    verdict: str
    sign: str
    value: str
    threshold: str
    reason: str
    at: datetime | None
    source: str
    is_said: bool
    runbook: str
    needed: bool


class RowLine(NamedTuple):
    """One point as it is shown."""

    row: PointReadiness
    verdict: str
    sign: str
    cells: tuple[CellLine, ...]

    @property
    def faults(self) -> list[CellLine]:
        """Return what keeps the point from being ready, the worst first."""
        order = (Verdict.NO_GO.value, Verdict.WARNING.value)
        found = [cell for cell in self.cells if cell.verdict in order]
        return sorted(found, key=lambda cell: order.index(cell.verdict))

    @property
    def unchecked(self) -> list[CellLine]:
        """Return what must have been checked and was not."""
        word = Verdict.NOT_CHECKED.value
        return [cell for cell in self.cells if cell.verdict == word and cell.needed]


def row_line(row: PointReadiness, at: datetime, t: Texts) -> RowLine:
    """Return a row; ages count back from `at`, when the board was made."""
    cells = tuple(cell_line(cell, at, t) for cell in row.cells)
    return RowLine(row, row.verdict.value, SIGNS[row.verdict], cells)


def cell_line(cell: Cell, at: datetime, t: Texts) -> CellLine:
    """Return a cell."""
    measured_at = None if cell.age_seconds is None else at - timedelta(seconds=cell.age_seconds)
    return CellLine(
        check=cell.check,
        verdict=cell.verdict.value,
        sign=SIGNS[cell.verdict],
        value=value_text(cell, t.language),
        threshold=threshold_text(cell, t.language),
        reason=t.known(f"ready.reason.{cell.reason}", cell.reason) if cell.reason else "",
        at=cell.said_at or measured_at,
        source=cell.source.removeprefix(PERSON),
        is_said=cell.said_at is not None,
        runbook=cell.runbook,
        needed=cell.needed,
    )


def value_text(cell: Cell, language: Language) -> str:
    """Return the value of a cell, or the words in its place."""
    if cell.value is None:
        return cell.text
    shown = measured(cell.value, cell.measure, language)
    return f"{shown} {cell.text}".strip()


def threshold_text(cell: Cell, language: Language) -> str:
    """Return what the value was held against, with the side on which it fails."""
    if cell.threshold is None or cell.verdict in (Verdict.GO, Verdict.NOT_APPLICABLE):
        return ""
    sign = "≥" if cell.side == "above" else "≤"
    return f"{sign} {measured(cell.threshold, cell.measure, language)}"


def _long(seconds: float, language: Language) -> str:
    for size, unit in ((86_400, "ngày" if language == "vi" else "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{formats.number(seconds / size, language)} {unit}"
    return f"{formats.number(seconds, language, digits=1 if abs(seconds) < 10 else 0)} s"


def measured(value: float, measure: Measure, language: Language) -> str:
    """Return a value in its measure."""
    if measure == "ratio":
        shown = value * 100
        digits = 2 if abs(shown) < 1 else 1 if abs(shown) < 10 else 0
        return f"{formats.number(shown, language, digits=digits)} %"
    if measure == "seconds":
        if abs(value) < 1:
            return f"{formats.number(value * 1000, language, digits=0)} ms"
        return _long(value, language)
    if measure == "bytes":
        return f"{formats.number(value, language)} B"
    if measure == "per_second":
        return f"{formats.number(value, language, digits=1)}/s"
    if measure == "days":
        unit = "ngày" if language == "vi" else "d"
        return f"{formats.number(value, language, digits=1 if abs(value) < 10 else 0)} {unit}"
    return formats.number(value, language)
