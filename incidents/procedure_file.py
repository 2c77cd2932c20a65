"""The shape of a procedure file: its fields and what each may hold."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from incidents.calendar import Span
from incidents.terms import Term, parse_term

Mark = Literal["rule", "proposed"]
Need = Literal["reason", "parent", "disposition", "root_cause", "other_person"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def _due(value: object) -> object:
    return value if value in (None, "daily", "monthly") else parse_term(value)


def _term(value: object) -> object:
    return None if value is None else parse_term(value)


def _span(value: object) -> object:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("allowed is a span of a day, for example '08:00-12:00'")
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start >= end:
        raise ValueError("the span must end after it starts")
    return start, end


Due = Annotated[Term | Literal["daily", "monthly"] | None, BeforeValidator(_due)]
OptionalTerm = Annotated[Term | None, BeforeValidator(_term)]
DaySpan = Annotated[Span, BeforeValidator(_span)]


class Part(BaseModel):
    """What all parts of the file share: no unknown fields, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Names(Part):
    """A name in both languages."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Matrix(Part):
    """impact → scope → severity."""

    mark: Mark
    cells: dict[str, dict[str, str]]


class Nature(Names):
    """What an incident is by its nature; of some, nothing leaves the desk for a host's own page."""

    stays_inside: bool = False


class IncidentClass(Names):
    """A kind of incident; `impact` is its default."""

    code: Code
    rsit: str = Field(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$")
    statistics: str | None
    group: str
    root_cause: str | None
    impact: str
    nature: str


class Role(Names):
    """Who may do what and must be told what; `outside` is a recipient of another organisation."""

    code: Code
    may_vi: str
    told_vi: str
    outside: bool = False


class Transition(Part):
    """A legal move; `needs` are the conditions that must hold."""

    to: str
    needs: tuple[Need, ...] = ()
    severities: dict[Need, tuple[str, ...]] = {}
    within: OptionalTerm = None
    reopens: bool = False
    role: str | None = None
    mark: Mark | None = None


class Stage(Names):
    """Where an incident can stand; `basis` names letters of the decree."""

    code: Code
    basis: tuple[str, ...] = ()
    ends: bool = False
    next: tuple[Transition, ...]


class Deadline(Names):
    """A term per severity; `daily` and `monthly` stand on that list, null is none."""

    code: Code
    start: Literal["detection", "restored", "closed"] = Field(alias="from")
    who: str
    mark: Mark
    basis: str = ""
    confirmed: bool = False
    enabled: bool = True
    repeats: bool = False
    ground: str | None = None
    target: OptionalTerm = None
    live_session: OptionalTerm = None
    due: dict[str, Due]


class QuickClose(Part):
    """Severities of which a recovered incident may be closed by a person in one act."""

    severities: tuple[str, ...]
    mark: Mark


class Hours(Part):
    """Office hours from a day on."""

    start: date = Field(alias="from")
    mark: Mark
    spans: tuple[DaySpan, ...] = Field(min_length=1)


class NamedDay(Part):
    """A holiday or a swapped working day."""

    day: date
    vi: str
    mark: Mark | None = None


class CalendarFile(Part):
    """Working time as data."""

    zone: str
    hours: tuple[Hours, ...] = Field(min_length=1)
    holidays: tuple[NamedDay, ...]
    working_days: tuple[NamedDay, ...] = ()


class ProcedureFile(Part):
    """A whole procedure, as written."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    title: Names
    valid_from: date
    valid_to: date | None = None
    source_ref: str
    confirmed: bool
    severities: dict[str, Names] = Field(min_length=1)
    impacts: dict[str, Names] = Field(min_length=1)
    scopes: dict[str, Names] = Field(min_length=1)
    several_units_scope: str
    matrix: Matrix
    natures: dict[str, Nature]
    root_causes: dict[str, Names]
    detected_by: dict[str, Names]
    dispositions: dict[str, Names]
    statistics: dict[str, Names]
    groups: dict[str, Names]
    classes: tuple[IncidentClass, ...] = Field(min_length=1)
    roles: tuple[Role, ...]
    stages: tuple[Stage, ...] = Field(min_length=1)
    start: str
    acknowledged: str
    closed: str
    quick_close: QuickClose
    warn_percent: int = Field(ge=1, le=99)
    deadlines: tuple[Deadline, ...]
    grounds: dict[str, Names]
    calendar: CalendarFile

    @model_validator(mode="after")
    def _validity(self) -> ProcedureFile:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to must not be before valid_from")
        return self
