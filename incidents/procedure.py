"""The response procedure as data: loading and validating it; severity, deadlines, transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.calendar import Calendar, OfficeHours
from incidents.procedure_checks import check
from incidents.procedure_file import ProcedureFile
from incidents.terms import Term
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.procedure_file import Deadline, IncidentClass, Names, Stage, Transition


class Procedure:
    """One ruleset, checked; `file` has everything as written."""

    def __init__(self, file: ProcedureFile) -> None:
        self.file = file
        self.id = file.id
        self.classes: dict[str, IncidentClass] = {c.code: c for c in file.classes}
        self.stages: dict[str, Stage] = {s.code: s for s in file.stages}
        self.deadlines: dict[str, Deadline] = {d.code: d for d in file.deadlines}
        self.severities: dict[str, Names] = file.severities
        self.calendar = Calendar(
            zone=file.calendar.zone,
            hours=tuple(OfficeHours(h.start, h.spans) for h in file.calendar.hours),
            holidays=frozenset(holiday.day for holiday in file.calendar.holidays),
            working_days=frozenset(swapped.day for swapped in file.calendar.working_days),
        )

    @property
    def natures_inside(self) -> frozenset[str]:
        """Return the natures of which nothing is said outside the desk."""
        return frozenset(code for code, nature in self.file.natures.items() if nature.stays_inside)

    def severity(self, impact: str, scope: str) -> str:
        """Return the severity of an impact (I1-I4) on a scope (P1-P4).

        Raises:
            KeyError: The procedure does not know the impact or the scope.
        """
        return self.file.matrix.cells[impact][scope]

    def is_higher(self, severity: str, than: str) -> bool:
        """Say whether `severity` is worse than `than`; the file lists the worst first."""
        order = list(self.severities)
        return order.index(severity) < order.index(than)

    def higher_scope(self, one: str, other: str) -> str:
        """Return the wider of two scopes; the file lists the narrowest first."""
        order = list(self.file.scopes)
        return max(one, other, key=order.index)

    def higher_impact(self, one: str, other: str) -> str:
        """Return the heavier of two impacts; the file lists the lightest first."""
        order = list(self.file.impacts)
        return max(one, other, key=order.index)

    def due_at(self, code: str, severity: str, detected_at: datetime) -> datetime | None:
        """Return when a deadline that runs from `detected_at` is due; None where it has no clock.

        Raises:
            KeyError: The procedure has no such deadline or severity.
        """
        term = self._term(code, severity)
        return None if term is None else term.after(detected_at, self.calendar)

    def warn_at(self, code: str, severity: str, detected_at: datetime) -> datetime | None:
        """Return when to warn of a deadline: `warn_percent` of its term, on its own clock."""
        term = self._term(code, severity)
        if term is None:
            return None
        return term.part_after(detected_at, self.calendar, self.file.warn_percent)

    def allowed_transitions(self, stage: str) -> tuple[Transition, ...]:
        """Return the legal moves from `stage`; none from a terminal one.

        Raises:
            KeyError: The procedure has no such stage.
        """
        return self.stages[stage].next

    def transition(self, stage: str, to: str) -> Transition | None:
        """Return the legal move from `stage` to `to`, if there is one."""
        return next((t for t in self.allowed_transitions(stage) if t.to == to), None)

    def way_to(self, stage: str, to: str) -> tuple[Transition, ...]:
        """Return the fewest legal moves from `stage` to `to`; never through an end or back open."""
        ways: dict[str, tuple[Transition, ...]] = {stage: ()}
        waiting = [stage]
        while waiting and to not in ways:
            here = waiting.pop(0)
            for move in () if self.stages[here].ends else self.allowed_transitions(here):
                if move.to not in ways:
                    ways[move.to] = (*ways[here], move)
                    waiting.append(move.to)
        return ways.get(to, ())

    def _term(self, code: str, severity: str) -> Term | None:
        term = self.deadlines[code].due[severity]
        return term if isinstance(term, Term) else None


def load_procedure(text: str, *, file: str) -> Procedure:
    """Read and check a procedure.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    checked = validate(document, ProcedureFile)
    if problems := check(document, checked):
        raise InvalidDocument(problems)
    return Procedure(checked)
