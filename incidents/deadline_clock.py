"""One clock of a deadline: its due instant, its points, its pauses and its extensions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.deadline_rows import DeadlineRow, Earlier, Point
from incidents.in_session import term_of
from incidents.procedure_clocks import DUE
from incidents.reckoning import shifted
from incidents.terms import Term

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.procedure_clocks import Deadline
    from incidents.reckoning import Reckoning

CLOCK_NAMES = {"min": "elapsed", "h": "elapsed", "wh": "working", "wd": "working", "cd": "days"}


def clocked(
    reckoning: Reckoning, deadline: Deadline, severity: str, run: str, start: datetime
) -> DeadlineRow | None:
    """Return the row of one clock, or of a place on a list; None where there is no term."""
    around, calendar = reckoning.incident.around, reckoning.procedure.calendar
    term = term_of(deadline, severity, around, start, calendar)
    if not isinstance(term, Term):
        return None if term is None else without_clock(deadline, severity, run, start, term)
    procedure = reckoning.procedure
    pauses = () if deadline.is_legal else reckoning.pauses(start)
    due, closed, open_since = shifted(term.after(start, calendar), term, start, pauses, calendar)
    points = []
    for point in procedure.file.warnings.points:
        plain = term.part_after(start, calendar, point.percent)
        at = due if point.percent == DUE else shifted(plain, term, start, pauses, calendar)[0]
        points.append(Point(point.percent, point.tell, at))
    soon = procedure.file.warn_percent
    target = deadline.target
    return DeadlineRow(
        deadline,
        run,
        severity,
        start,
        clock=CLOCK_NAMES[term.unit],
        term_vi=term.words_vi,
        term_en=term.words_en,
        due_at=due,
        target_at=None if target is None else target.after(start, calendar),
        soon_at=next((p.at for p in points if p.percent == soon), None),
        points=tuple(points),
        paused_since=open_since,
        pauses=closed,
    )


def without_clock(
    deadline: Deadline, severity: str, run: str, start: datetime, on_list: str
) -> DeadlineRow:
    """Return the row of a deadline that has no clock now; `on_list` where a list has it."""
    clock = "list" if on_list else "none"
    return DeadlineRow(deadline, run, severity, start, clock=clock, on_list=on_list)


def extended(
    reckoning: Reckoning, deadline: Deadline, row: DeadlineRow, until: datetime | None
) -> DeadlineRow:
    """Return the row with its last extension since the severity changed and before its end."""
    if deadline.is_legal or row.due_at is None:
        return row
    since = max(reckoning.weighed_at, row.start_at)
    counted = (
        extension
        for extension in reckoning.incident.clocks.extended
        if extension.deadline == row.code
        and extension.at >= since
        and (until is None or extension.at <= until)
    )
    for number, extension in enumerate(counted, start=1):
        before = Earlier(row.run, row.severity, row.due_at, extension.at, "extended")
        length = extension.until - row.start_at
        points = tuple(replace(p, at=row.start_at + length * p.percent / DUE) for p in row.points)
        soon = reckoning.procedure.file.warn_percent
        row = replace(
            row,
            run=f"{row.run.partition('.x')[0]}.x{number}",
            due_at=extension.until,
            soon_at=next((p.at for p in points if p.percent == soon), None),
            points=points,
            extension=extension,
            earlier=(*row.earlier, before),
        )
    return row


def run_of(severity: str, round_number: int) -> str:
    """Return the name of a clock: its severity, and how often it was reopened before."""
    return severity if round_number == 0 else f"{severity}.r{round_number}"
