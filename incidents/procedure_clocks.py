"""The clocks of a procedure file: deadlines, what starts them, their warnings, working time."""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from incidents.calendar import Span
from incidents.procedure_parts import (
    Code,
    Due,
    Mark,
    Marked,
    Names,
    OptionalTerm,
    Part,
    RequiredTerm,
    SameDayOrTerm,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.terms import Term

SCREEN, OWNER, BACKUP = "screen", "owner", "backup"
DUE = 100
ACKNOWLEDGED, DECIDED, CONTAINED, RESTORED, CLOSED, TOLD, BY_HAND = (
    "acknowledged", "decided", "contained", "restored", "closed", "told", "by_hand",
)  # fmt: skip
MET_BY = (ACKNOWLEDGED, DECIDED, CONTAINED, RESTORED, CLOSED, TOLD, BY_HAND)
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def _span(value: object) -> object:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("allowed is a span of a day, for example '08:00-12:00'")
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start >= end:
        raise ValueError("the span must end after it starts")
    return start, end


DaySpan = Annotated[Span, BeforeValidator(_span)]


class Deadline(Names, Marked):
    """A term per severity; `daily` and `monthly` stand on that list, null is none.

    `ground` starts it in place of the severity. `met_by` holds what meets it: an act
    (`acknowledged`, `decided`, `contained`, `restored`, `closed`, `told`: whoever has the role
    `tells`), `by_hand`, or a stage's code. `not_for` names natures that never have it.
    """

    code: Code
    start: Literal["detection", "restored", "closed"] = Field(alias="from")
    who: str
    enabled: bool = True
    repeats: bool = False
    ground: str | None = None
    not_for: tuple[str, ...] = ()
    met_by: tuple[str, ...] = Field(min_length=1)
    tells: str | None = None
    report: str | None = None
    target: OptionalTerm = None
    live_session: OptionalTerm = None
    due: dict[str, Due]

    @property
    def is_legal(self) -> bool:
        """A clock of law: it never pauses and cannot be extended, whoever proposed its number."""
        return self.mark == "rule" or self.ground is not None

    def term(self, severity: str) -> Term | str | None:
        """Return the term of a severity; a clock of a ground that names none there has the
        nearest worse one's.

        Raises:
            KeyError: The file has no such severity.
        """
        found = self.due[severity]
        if found is not None or self.ground is None:
            return found
        names = list(self.due)
        worse = (self.due[name] for name in reversed(names[: names.index(severity)]))
        return next((term for term in worse if term is not None), None)


class Ground(Names):
    """Why an incident must be reported; it may bring others with it."""

    implies: tuple[str, ...] = ()


class Reportable(Marked):
    """What counts while nobody has decided by the deadline `decided_with`."""

    decided_with: str
    presumed: dict[str, tuple[str, ...]]


class WarningPoint(Part):
    """At which part of a term who is told: `screen`, `owner`, `backup`, or a role."""

    percent: int = Field(ge=1, le=1000)
    tell: str


class Warnings(Marked):
    """When deadlines are warned of; one person gets at most one message in `merged_for`."""

    points: tuple[WarningPoint, ...] = Field(min_length=1)
    merged_for: RequiredTerm
    next_shown: int = Field(ge=1, le=10)


class SessionDuty(Names, Marked):
    """What a live session asks for: at the latest, or at the earliest, `term` from its anchor.

    What is anchored at a fault is a deadline of every incident that begins in a live session;
    `met_by` and `tells` are those of a deadline.
    """

    code: Code
    who: str
    anchor: Literal["start", "fault", "end"]
    side: Literal["before", "after"]
    term: SameDayOrTerm
    met_by: tuple[str, ...] = (BY_HAND,)
    tells: str | None = None

    def as_deadline(self, severities: Iterable[str]) -> Deadline | None:
        """Return it as a deadline of an incident; None: it is anchored elsewhere."""
        if self.anchor != "fault" or self.side != "after" or self.term == "same_day":
            return None
        made = {
            "code": self.code, "vi": self.vi, "en": self.en, "from": "detection", "who": self.who,
            "met_by": self.met_by, "tells": self.tells, "mark": self.mark, "basis": self.basis,
            "confirmed": self.confirmed,
        }  # fmt: skip
        deadline = Deadline.model_validate(made | {"due": dict.fromkeys(severities)})
        due = dict.fromkeys(severities, self.term)
        return deadline.model_copy(update={"due": due, "live_session": self.term})


class QuickClose(Marked):
    """Severities of which a recovered incident may be closed by a person in one act."""

    severities: tuple[str, ...]


class Hours(Marked):
    """Office hours from a day on."""

    start: date = Field(alias="from")
    spans: tuple[DaySpan, ...] = Field(min_length=1)


class NamedDay(Part):
    """A holiday or a swapped working day."""

    day: date
    vi: str
    mark: Mark | None = None
    confirmed: bool = False


class CalendarFile(Part):
    """Working time as data."""

    zone: str
    hours: tuple[Hours, ...] = Field(min_length=1)
    holidays: tuple[NamedDay, ...]
    working_days: tuple[NamedDay, ...] = ()
