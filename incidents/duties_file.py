"""The register of recurring duties: `duties.yaml`, checked."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from incidents.procedure_parts import Code, Mark, Names
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "duties.yaml"
Length = Literal["month", "quarter", "half_year", "year"]
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
# 29 February has no day in most years, so no duty stands on it.
_YEAR_WITHOUT_LEAP_DAY = 2026


def _day(value: object) -> object:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("allowed is a day of the year as MM-DD, for example '12-20'")
    date(_YEAR_WITHOUT_LEAP_DAY, int(found[1]), int(found[2]))
    return int(found[1]), int(found[2])


YearDay = Annotated[tuple[int, int], BeforeValidator(_day)]


class Due(BaseModel):
    """When a duty is due: exactly one of the five ways.

    Attributes:
        daily: Every day from the first to the last, weekends too: in a peak period.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    before: tuple[YearDay, ...] = ()
    month_day: int | None = Field(default=None, ge=1, le=28)
    working_day: int | None = Field(default=None, ge=1, le=20)
    end_of: Length | None = None
    daily: tuple[date, date] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Due:
        ways = (self.before, self.month_day, self.working_day, self.end_of, self.daily)
        if sum(bool(way) for way in ways) != 1:
            raise ValueError("give exactly one of before, month_day, working_day, end_of, daily")
        return self


class Duty(Names):
    """One recurring duty; `owner` is a role of the procedure."""

    code: Code
    basis: str = ""
    mark: Mark
    owner: str
    proof: Names
    due: Due
    about: Literal["previous", "same", "next"] = "same"
    lead_days: int = Field(ge=1, le=180)


class DutiesFile(BaseModel):
    """The whole register, as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    duties: tuple[Duty, ...]


def shipped_duties() -> tuple[Duty, ...]:
    """Return the register that comes with the product."""
    text = files("incidents.procedures").joinpath(FILE).read_text("utf-8")
    return load_duties(text, file=FILE)


def load_duties(text: str, *, file: str, roles: Collection[str] | None = None) -> tuple[Duty, ...]:
    """Read and check a register.

    Args:
        roles: The roles of the procedure; None to leave owners unchecked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    duties = validate(document, DutiesFile).duties
    if problems := list(_contradictions(document, duties, roles)):
        raise InvalidDocument(problems)
    return duties


def _contradictions(
    document: Document, duties: tuple[Duty, ...], roles: Collection[str] | None
) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, duty in enumerate(duties):
        path = ("duties", place)
        if duty.code in seen:
            yield document.problem(
                (*path, "code"), f"{duty.code!r} is there twice", f"{duty.code!r} bị trùng"
            )
        seen.add(duty.code)
        if roles is not None and duty.owner not in roles:
            listed = ", ".join(sorted(roles))
            yield document.problem(
                (*path, "owner"),
                f"{duty.owner!r} is no role of the procedure; allowed: {listed}",
                f"quy trình không có vai trò {duty.owner!r}; cho phép: {listed}",
            )
