"""Schedules of `oncall.yaml`: shifts, layers of rotations, and who stands in for whom."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from incidents.local_time import ClockTime, ZoneName, parse_local
from incidents.policy_parts import Line
from incidents.procedure_parts import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from incidents.contacts import Contacts
    from incidents.yaml_lines import Document, Path, Problem

Post = Literal["primary", "backup"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Name = Line
# In a level: the schedule that serves the incident's unit, and those that serve every unit.
LOCAL, PROVINCE = "local", "province"
RESERVED = frozenset({LOCAL, PROVINCE})
_DAY_MINUTES = 24 * 60


def some(value: tuple[object, ...]) -> tuple[object, ...]:
    """Return a list with something in it; a wrong item is reported for itself alone.

    Raises:
        ValueError: It is empty.
    """
    if not value:
        raise ValueError("give at least one")
    return value


class ShiftTime(Part):
    """One shift of a day; one that ends at or before its start ends on the next day."""

    name: Name = Field(min_length=1, max_length=40)
    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")


class Turn(Part):
    """How long one person has it: so many shifts of the layer."""

    shifts: int = Field(ge=1, le=200)


class Layer(Part):
    """A rotation; of the layers that apply to a shift, the last one in the file holds.

    Attributes:
        post: Whom it names: the one who is called first, or who stands behind.
        start: The day on which the first of `persons` begins; no shift before is the layer's.
        handover: When the turn passes on; the start of the first shift unless said.
        shifts: Names of the shifts it covers; empty: all.
        weekdays: Days on which its shifts begin; the turn of a daily rotation passes only there.
        holidays: Whether it covers shifts that begin on a holiday.
    """

    post: Post = "primary"
    persons: Annotated[tuple[Line, ...], AfterValidator(some)] = Field(max_length=100)
    rotation: Literal["daily", "weekly"] | Turn = "weekly"
    start: date
    until: date | None = None
    handover: ClockTime | None = None
    shifts: tuple[Name, ...] = ()
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    holidays: Literal["any", "only", "except"] = "any"


class GivenOverride(Part):
    """Who stands in for whom, as written in the file; times are those of the schedule's zone.

    Attributes:
        out: Who does not; empty: whoever is called first.
        stand_in: Who does instead; empty: nobody, an absence.
    """

    start: Line = Field(alias="from")
    end: Line = Field(alias="until")
    out: Line = ""
    stand_in: Line = Field(default="", alias="in")
    reason: Line = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _about_somebody(self) -> GivenOverride:
        if not self.out and not self.stand_in:
            raise ValueError("say who is out, who is in, or both")
        return self


class Schedule(Part):
    """Who is on call for some units; without regions and units: for the whole province.

    Attributes:
        role: The role of the procedure that is held by whoever is on call here.
        needs_backup: Whether a shift without a backup is warned of.
        partial: The shifts leave hours of a day open on purpose.
    """

    name: Name = Field(min_length=1, max_length=40)
    vi: Line = ""
    en: Line = ""
    role: Line = ""
    zone: ZoneName = "Asia/Ho_Chi_Minh"
    regions: tuple[Line, ...] = ()
    units: tuple[Line, ...] = ()
    shifts: tuple[ShiftTime, ...] = Field(default=(), max_length=24)
    layers: Annotated[tuple[Layer, ...], AfterValidator(some)] = Field(max_length=20)
    overrides: tuple[GivenOverride, ...] = Field(default=(), max_length=1_000)
    needs_backup: bool = True
    partial: bool = False

    @property
    def is_province_wide(self) -> bool:
        """Say whether it serves every unit."""
        return not self.regions and not self.units


def shift_problems(
    document: Document, path: Path, shifts: tuple[ShiftTime, ...], *, partial: bool
) -> Iterator[Problem]:
    """Yield shifts that overlap, that have one name, or that leave a part of the day open."""
    names: set[str] = set()
    for i, shift in enumerate(shifts):
        if shift.name in names:
            yield document.problem(
                (*path, i, "name"),
                f"{shift.name!r} is given twice",
                f"{shift.name!r} bị trùng",
            )
        names.add(shift.name)
    order = sorted(range(len(shifts)), key=lambda i: shifts[i].start)
    for place, i in enumerate(order):
        following = shifts[order[(place + 1) % len(order)]]
        start, end = _minutes(shifts[i].start), _minutes(shifts[i].end)
        end += 0 if end > start else _DAY_MINUTES
        next_start = _minutes(following.start)
        next_start += 0 if place + 1 < len(order) else _DAY_MINUTES
        if end > next_start:
            yield document.problem(
                (*path, i, "to"),
                f"{shifts[i].name!r} overlaps {following.name!r}",
                f"{shifts[i].name!r} chồng lên {following.name!r}",
            )
        elif end < next_start and not partial:
            span = f"{shifts[i].end:%H:%M}–{following.start:%H:%M}"
            yield document.problem(
                (*path, i, "to"),
                f"nobody is on call {span}; add a shift, or say `partial: true`",
                f"không có ca nào {span}; thêm ca, hoặc ghi `partial: true`",
            )


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def schedule_problems(
    document: Document,
    schedules: tuple[Schedule, ...],
    default_shifts: tuple[ShiftTime, ...],
    contacts: Contacts,
    *,
    roles: Collection[str] | None,
    units: Collection[str] | None,
    regions: Collection[str] | None,
) -> Iterator[Problem]:
    """Yield what contradicts itself or the other files."""
    seen: set[str] = set()
    for i, schedule in enumerate(schedules):
        path: Path = ("schedules", i)
        if schedule.name in seen:
            yield document.problem(
                (*path, "name"), f"{schedule.name!r} is given twice", f"{schedule.name!r} bị trùng"
            )
        seen.add(schedule.name)
        if schedule.name in RESERVED:
            yield document.problem(
                (*path, "name"),
                f"{schedule.name!r} has a meaning of its own in levels; take another name",
                f"{schedule.name!r} đã có nghĩa riêng trong các bậc; cần dùng tên khác",
            )
        shifts = schedule.shifts or default_shifts
        if schedule.shifts:
            place = (*path, "shifts")
            yield from shift_problems(document, place, schedule.shifts, partial=schedule.partial)
        for field, given, allowed in (
            ("regions", schedule.regions, regions),
            ("units", schedule.units, units),
            ("role", (schedule.role,) if schedule.role else (), roles),
        ):
            for j, code in enumerate(given):
                if allowed is not None and code not in allowed:
                    listed = ", ".join(sorted(allowed)[:20])
                    yield document.problem(
                        (*path, field) if field == "role" else (*path, field, j),
                        f"{code!r} is not defined; allowed: {listed}",
                        f"{code!r} chưa được khai báo; cho phép: {listed}",
                    )
        for j, layer in enumerate(schedule.layers):
            yield from _layer_problems(document, (*path, "layers", j), layer, shifts, contacts)
        for j, override in enumerate(schedule.overrides):
            place = (*path, "overrides", j)
            yield from _override_problems(document, place, override, schedule, contacts)


def _layer_problems(
    document: Document,
    path: Path,
    layer: Layer,
    shifts: tuple[ShiftTime, ...],
    contacts: Contacts,
) -> Iterator[Problem]:
    for k, name in enumerate(layer.persons):
        yield from _unknown(document, (*path, "persons", k), name, contacts)
    names = {shift.name for shift in shifts}
    for k, name in enumerate(layer.shifts):
        if name not in names:
            listed = ", ".join(sorted(names))
            yield document.problem(
                (*path, "shifts", k),
                f"{name!r} is no shift of the schedule; allowed: {listed}",
                f"lịch không có ca {name!r}; cho phép: {listed}",
            )
    starts = {shift.start for shift in shifts}
    if layer.handover is not None and layer.handover not in starts:
        listed = ", ".join(f"{start:%H:%M}" for start in sorted(starts))
        yield document.problem(
            (*path, "handover"),
            f"{layer.handover:%H:%M} is not the start of a shift; allowed: {listed}",
            f"{layer.handover:%H:%M} không phải giờ bắt đầu ca; cho phép: {listed}",
        )
    if layer.until is not None and layer.until < layer.start:
        yield document.problem((*path, "until"), "it is before `start`", "trước `start`")


def _override_problems(
    document: Document, path: Path, given: GivenOverride, schedule: Schedule, contacts: Contacts
) -> Iterator[Problem]:
    instants = []
    for field, text in (("from", given.start), ("until", given.end)):
        try:
            instants.append(parse_local(text, schedule.zone))
        except ValueError as error:
            yield document.problem((*path, field), f"{text!r} given; {error}")
    if len(instants) == 2 and instants[1] <= instants[0]:
        yield document.problem((*path, "until"), "it must be after `from`", "phải sau `from`")
    for field, name in (("out", given.out), ("in", given.stand_in)):
        if name:
            yield from _unknown(document, (*path, field), name, contacts)


def _unknown(document: Document, path: Path, name: str, contacts: Contacts) -> Iterator[Problem]:
    if contacts.of(name) is None:
        listed = ", ".join(contact.name for contact in contacts.all[:20]) or "none is given"
        yield document.problem(
            path,
            f"{name!r} is no contact of this file; allowed: {listed}",
            f"{name!r} không có trong contacts; cho phép: {listed}",
        )
