"""The parts of `sessions.yaml`: classes, symptoms, points, the weekly schedule, peak periods."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from incidents.policy_parts import Duration, Line, TimeOfDay
from incidents.procedure_parts import Code, Names, Part

Freezes = Literal["refuse", "warn", "none"]
Weekday = Literal["T2", "T3", "T4", "T5", "T6", "T7", "CN"]
WEEKDAYS: tuple[Weekday, ...] = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
Key = Annotated[str, Field(pattern=r"^[a-z0-9]$")]
Short = Annotated[Line, Field(min_length=1, max_length=120)]
Maybe = Annotated[Line, Field(max_length=120)]
Target = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?)?$")]
PhoneText = Annotated[Line, Field(max_length=40)]
LONGEST = timedelta(days=7)
_PHONE = re.compile(r"[0-9+(). /-]*")


class Threshold(Part):
    """From which value on it is amber, and red; the larger is the worse."""

    amber: float = Field(ge=0)
    red: float = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Threshold:
        if self.amber > self.red:
            raise ValueError("amber must not be above red")
        return self


class ClassPart(Names):
    """What a class of session asks for.

    Attributes:
        freezes: What happens to maintenance planned on its points.
        clock_percent: Of the terms that the procedure has for a live session.
        overrides: Thresholds that differ from those of all sessions, by value.
    """

    code: Literal["A", "B", "C"]
    freezes: Freezes = "none"
    clock_percent: int = Field(default=100, ge=10, le=100)
    thresholds: dict[Code, Threshold] = Field(default_factory=dict)


class Symptom(Names):
    """What a technician reports by one key.

    Attributes:
        loses: Minutes count until it is restored.
        opens: An incident of its class begins where none of the session's hits the point.
    """

    code: Code
    key: Key
    incident_class: Annotated[Code, Field(alias="class")]
    loses: bool = True
    opens: bool = True


class PointPart(Part):
    """One *điểm cầu* as the office knows it, with everything that a session needs of it.

    Attributes:
        aliases: Old names: of codecs, address books, invitations.
    """

    name: Short
    unit: Maybe = ""
    aliases: tuple[Short, ...] = Field(default=(), max_length=20)
    target: Target = ""
    path: Target = ""
    way: Literal["codec", "software", "telephone"] = "codec"
    technician: Maybe = ""
    phone: PhoneText = ""
    second: Maybe = ""
    second_phone: PhoneText = ""

    @model_validator(mode="after")
    def _dialable(self) -> PointPart:
        for number in (self.phone, self.second_phone):
            if not _PHONE.fullmatch(number):
                raise ValueError("a telephone number is figures, spaces and + ( ) . / -")
        return self


class UnitAlias(Part):
    """Other names of a unit."""

    unit: Short
    names: tuple[Short, ...] = Field(min_length=1, max_length=20)


class Planned(Part):
    """What the schedule, and a calendar where it does not say it, gives a session."""

    session_class: Annotated[Literal["A", "B", "C"], Field(alias="class")] = "C"
    kind: Literal["official", "rehearsal"] = "official"
    chair: Maybe = ""
    bridge: Target = ""
    conference: Maybe = ""
    points: tuple[Short, ...] = Field(default=(), max_length=500)
    main: Maybe = ""


class Weekly(Planned):
    """A session that the office holds every week; an empty `points` means every point.

    Attributes:
        skip: Days on which it is not held.
        every_weeks: 2: every second week, counted from the week of `from`.
    """

    code: Code
    name: Short
    day: Weekday
    at: TimeOfDay
    until: TimeOfDay
    start: Annotated[date | None, Field(alias="from")] = None
    end: Annotated[date | None, Field(alias="to")] = None
    every_weeks: int = Field(default=1, ge=1, le=8)
    skip: tuple[date, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Weekly:
        if self.until <= self.at:
            raise ValueError("`until` must be later than `at`")
        if self.every_weeks > 1 and self.start is None:
            raise ValueError("`every_weeks` needs `from`, from whose week it counts")
        return self


class PeakReport(Names):
    """A report that is due by the end of every day of a peak period; `owner` is a role."""

    code: Code
    owner: Short


class Peak(Names):
    """A *đợt cao điểm*: a congress, a holiday, a storm; both days belong to it.

    Attributes:
        clock_percent: Of the procedure's own clocks; those of law never change.
        checks: Further instants before a session at which its points are checked.
    """

    code: Code
    start: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]
    freezes: Freezes = "warn"
    clock_percent: int = Field(default=100, ge=10, le=100)
    checks: tuple[Duration, ...] = Field(default=(), max_length=10)
    reports: tuple[PeakReport, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _in_order(self) -> Peak:
        if self.end < self.start:
            raise ValueError("`to` is before `from`")
        return self


class SessionsFile(Part):
    """The whole of `sessions.yaml`, as written.

    Attributes:
        pre_check: How long before its beginning the pre-check of a session begins.
        checks: How long before its beginning the points are checked.
        recorded_before: By when the pre-check stands on paper.
        close_within: How long after the end the log is open.
        not_held_after: A session that nobody began is cancelled so long after its planned end.
        left_running: One that nobody ended is ended so long after its planned end.
        ahead: How far ahead the weekly schedule makes sessions.
        cuts_off: Classes of incidents at which a point has neither picture nor sound.
        default: Of a session that an invitation says no more of.
    """

    pre_check: Annotated[Duration, Field(le=LONGEST)]
    checks: tuple[Duration, ...] = Field(min_length=1, max_length=10)
    joined_from: Annotated[Duration, Field(le=LONGEST)]
    recorded_before: Annotated[Duration, Field(le=LONGEST)]
    close_within: Annotated[Duration, Field(le=LONGEST)]
    not_held_after: Annotated[Duration, Field(le=LONGEST)]
    left_running: Annotated[Duration, Field(le=LONGEST)]
    ahead: Annotated[Duration, Field(le=timedelta(days=180))]
    classes: tuple[ClassPart, ...] = Field(min_length=1, max_length=3)
    thresholds: dict[Code, Threshold]
    symptoms: tuple[Symptom, ...] = Field(min_length=1, max_length=36)
    cuts_off: tuple[Code, ...] = ()
    default: Planned = Planned()
    points: tuple[PointPart, ...] = Field(default=(), max_length=1000)
    aliases: tuple[UnitAlias, ...] = Field(default=(), max_length=1000)
    weekly: tuple[Weekly, ...] = Field(default=(), max_length=200)
    peaks: tuple[Peak, ...] = Field(default=(), max_length=100)
