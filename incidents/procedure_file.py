"""The shape of a procedure file: its fields and what each may hold."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from incidents.procedure_acts import Act, Containment, May, Nature
from incidents.procedure_clocks import (
    DUE,
    SCREEN,
    CalendarFile,
    Deadline,
    Ground,
    QuickClose,
    Reportable,
    SessionDuty,
    Warnings,
)
from incidents.procedure_evidence import DEFAULT_RETENTION, NO_EVIDENCE, EvidenceRules, Retention
from incidents.procedure_parts import Code, Mark, Marked, Names, OptionalTerm, Part

Need = Literal[
    "reason", "parent", "disposition", "root_cause", "other_person", "evidence", "reports_sent"
]


class Issued(Part):
    """The province's own decision that puts the ruleset into force; empty on delivery."""

    number: str | None
    day: date | None = Field(alias="date")


class Matrix(Marked):
    """impact → scope → severity."""

    cells: dict[str, dict[str, str]]


class Modifier(Names, Marked):
    """What changes the severity of the matrix; the file lists them in the order they apply.

    `at_least` raises to a severity, `up` by so many steps; `session_class` and `only_without`
    narrow the modifier of a live session.
    """

    code: Literal["phien_hang_a", "phien_hang_b", "mat_ma", "bi_mat", "chua_chac"]
    up: int = Field(default=0, ge=0, le=3)
    at_least: str | None = None
    pointer_only: bool = False


class IncidentClass(Names):
    """A kind of incident; `impact` is its default.

    Attributes:
        pointer_only: Its file holds document numbers and custodians, no free text.
        drill: Messages are marked, statistics leave it out.
    """

    code: Code
    rsit: str = Field(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$")
    statistics: str | None
    group: str
    root_cause: str | None
    impact: str
    nature: str
    pointer_only: bool = False
    drill: bool = False


class Role(Names):
    """Who may do what and must be told what.

    Attributes:
        outside: A recipient of another organisation.
        reads_only: May nothing but what the table `may` names it for.
    """

    code: Code
    may_vi: str
    told_vi: str
    outside: bool = False
    reads_only: bool = False


class Activity(Names):
    """A response activity of the decree, in the order in which it is done."""

    code: Code
    letter: str = Field(min_length=1, max_length=2)


class Transition(Part):
    """A legal move; `needs` are the conditions that must hold, `act` says who may make it."""

    to: str
    needs: tuple[Need, ...] = ()
    severities: dict[Need, tuple[str, ...]] = Field(default_factory=dict)
    within: OptionalTerm = None
    reopens: bool = False
    role: str | None = None
    act: Act | None = None
    mark: Mark | None = None
    confirmed: bool = False

    def needs_of(self, severity: str) -> tuple[Need, ...]:
        """Return the conditions that hold for a severity."""
        return tuple(n for n in self.needs if severity in self.severities.get(n, (severity,)))


class Stage(Names):
    """Where an incident can stand; it `pauses` internal clocks; `basis`: letters of the decree."""

    code: Code
    basis: tuple[str, ...] = ()
    ends: bool = False
    pauses: bool = False
    next: tuple[Transition, ...]


class ReportForm(Names):
    """A report of the procedure and the official form that it fills."""

    code: Code
    form: str = ""
    basis: str = ""


class Step(Names):
    """A step as a document of this ruleset names it, and the stages that it is here."""

    stages: tuple[str, ...]


class Flow(Names):
    """The steps of one published course of handling."""

    code: Code
    basis: str = ""
    steps: tuple[Step, ...] = Field(min_length=1)


class ProcedureFile(Part):
    """A whole procedure, as written."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    extends: str | None = None
    title: Names
    issued: Issued
    valid_from: date
    valid_to: date | None = None
    source_ref: str
    confirmed: bool
    confirmed_by: str
    first_told: tuple[str, ...] | None
    severities: dict[str, Names] = Field(min_length=1)
    impacts: dict[str, Names] = Field(min_length=1)
    scopes: dict[str, Names] = Field(min_length=1)
    several_units_scope: str
    matrix: Matrix
    modifiers: tuple[Modifier, ...]
    natures: dict[str, Nature]
    root_causes: dict[str, Names]
    detected_by: dict[str, Names]
    tlp: dict[str, Names]
    dispositions: dict[str, Names]
    statistics: dict[str, Names]
    groups: dict[str, Names]
    classes: tuple[IncidentClass, ...] = Field(min_length=1)
    roles: tuple[Role, ...]
    may: dict[Act, May] = Field(default_factory=dict)
    containment: Containment
    activities: tuple[Activity, ...]
    stages: tuple[Stage, ...] = Field(min_length=1)
    start: str
    acknowledged: str
    restored: str
    closed: str
    quick_close: QuickClose
    warnings: Warnings
    deadlines: tuple[Deadline, ...]
    grounds: dict[str, Ground]
    reportable: Reportable
    live_session: tuple[SessionDuty, ...] = ()
    reports: tuple[ReportForm, ...] = ()
    flows: tuple[Flow, ...] = ()
    evidence: EvidenceRules = NO_EVIDENCE
    retention: Retention = DEFAULT_RETENTION
    calendar: CalendarFile

    @property
    def warn_percent(self) -> int:
        """The last point before the due instant at which a person is told."""
        told = (p.percent for p in self.warnings.points if p.tell != SCREEN and p.percent < DUE)
        return max(told, default=DUE)

    @model_validator(mode="after")
    def _validity(self) -> ProcedureFile:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to must not be before valid_from")
        return self
