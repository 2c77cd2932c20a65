"""One cell of the go/no-go board: what a check came to, by what value, how old, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import isnan
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidents.sessions.facts import Reading, Said

Measure = Literal["", "ratio", "seconds", "bytes", "count", "per_second", "days"]
# How a value stands to its threshold where it fails.
Side = Literal["above", "below"]


class Verdict(Enum):
    """What a check came to; what nobody looked at is a verdict of its own, and never `go`."""

    NO_GO = "no_go"
    NOT_CHECKED = "not_checked"
    WARNING = "warning"
    GO = "go"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST = tuple(Verdict)


class Limits(NamedTuple):
    """From where on a value is a warning, and from where on a no-go; None: never."""

    warning: float | None = None
    no_go: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one check came to at one point.

    Attributes:
        check: Its name; empty until the board fills it in.
        reason: A word of a closed list that says why, for what a value alone does not say.
        value: In the base unit of `measure`; None where there is none.
        text: What the value is where it is no number: a name, a version, codes of incidents.
        threshold: What the value was held against.
        age_seconds: Of the value; None where a person said it or nobody did.
        source: The target, host or person that says so.
        said_at: When a person said it.
        runbook: What mends it; empty where it needs no mending.
        needed: Whether the point is not ready before this was checked.
    """

    verdict: Verdict
    reason: str = ""
    check: str = ""
    value: float | None = None
    measure: Measure = ""
    text: str = ""
    threshold: float | None = None
    side: Side = "above"
    age_seconds: float | None = None
    source: str = ""
    said_at: datetime | None = None
    runbook: str = ""
    needed: bool = True


def not_applicable() -> Cell:
    """Return the cell of a check that says nothing about a point of this way."""
    return Cell(Verdict.NOT_APPLICABLE)


def not_checked(reason: str = "no_data") -> Cell:
    """Return the cell of what nobody measured, or nobody said."""
    return Cell(Verdict.NOT_CHECKED, reason)


def of_reading(
    verdict: Verdict,
    reading: Reading,
    reason: str = "",
    *,
    measure: Measure = "",
    text: str = "",
    value: float | None = None,
) -> Cell:
    """Return the cell of a value that was measured; one that is old was not checked."""
    if reading.is_old or isnan(reading.value):
        verdict, reason = Verdict.NOT_CHECKED, "old" if reading.is_old else "no_data"
    return Cell(
        verdict,
        reason,
        value=(reading.value if value is None else value) if measure else None,
        measure=measure,
        text=text,
        age_seconds=reading.age_seconds,
        source=reading.source,
    )


def of_said(verdict: Verdict, said: Said, reason: str = "") -> Cell:
    """Return the cell of what a person said."""
    return Cell(verdict, reason, text=said.note, source=said.actor, said_at=said.at)


def held_against(
    reading: Reading, value: float, limits: Limits, measure: Measure, side: Side = "above"
) -> Cell:
    """Return a value held against its limits; one equal to a limit has reached it."""
    sign = 1 if side == "above" else -1

    def reached(limit: float | None) -> bool:
        return limit is not None and sign * value >= sign * limit

    is_no_go, is_warning = reached(limits.no_go), reached(limits.warning)
    verdict = Verdict.NO_GO if is_no_go else Verdict.WARNING if is_warning else Verdict.GO
    first = limits.no_go if limits.warning is None else limits.warning
    threshold = limits.no_go if is_no_go else first
    reason = ""
    if reading.is_old or isnan(value):
        verdict, reason = Verdict.NOT_CHECKED, "old" if reading.is_old else "no_data"
    return Cell(
        verdict,
        reason,
        value=value,
        measure=measure,
        threshold=threshold,
        side=side,
        age_seconds=reading.age_seconds,
        source=reading.source,
    )


def worst(cells: Iterable[Cell], nothing: Cell | None = None) -> Cell:
    """Return the cell that counts of several values of one check.

    What is old counts only where nothing newer says anything worse than a go: a port that is
    no more must not hide one that fails.
    """
    found: Sequence[Cell] = tuple(cells)
    if not found:
        return nothing if nothing is not None else not_checked()
    order = (Verdict.NO_GO, Verdict.WARNING, Verdict.NOT_CHECKED, Verdict.GO)
    ranked = {verdict: place for place, verdict in enumerate(order)}
    return min(found, key=lambda one: (ranked.get(one.verdict, len(order)), _mildness(one)))


def _mildness(cell: Cell) -> float:
    if cell.value is None:
        return 0.0
    return -cell.value if cell.side == "above" else cell.value
