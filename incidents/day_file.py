"""`day.yaml`: who confirms the day until when, and the reports that make themselves."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, model_validator

from incidents.policy_parts import Line, TimeOfDay
from incidents.procedure_parts import Part
from incidents.unit_day import Hours
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "day.yaml"
Text = Annotated[Line, Field(max_length=120)]


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("allowed is a day such as 2026-12-01") from None


Day = Annotated[date, BeforeValidator(_day)]


class UnitsDay(Part):
    """Which units confirm their day, and by when.

    Attributes:
        kinds: Of units.csv; none: every unit that lies below another one.
        without: Codes of units that confirm nothing.
        role: Whose holders confirm, are reminded and stand in the list.
        also: Free days on which everybody is asked nevertheless: a storm, an election.
    """

    kinds: tuple[Text, ...] = Field(default=(), max_length=50)
    without: tuple[Text, ...] = Field(default=(), max_length=1_000)
    role: Line = "can_bo_don_vi"
    opens: TimeOfDay = time(11, 0)
    cut_off: TimeOfDay = time(16, 30)
    listed: TimeOfDay = time(17, 0)
    also: tuple[Day, ...] = Field(default=(), max_length=400)

    @model_validator(mode="after")
    def _in_order(self) -> UnitsDay:
        if not self.opens < self.cut_off <= self.listed:
            raise ValueError("opens, cut_off and listed must follow one another")
        return self

    @property
    def hours(self) -> Hours:
        """Return the hours at which something changes."""
        return Hours(self.opens, self.cut_off, self.listed)


class DailyReport(Part):
    """The report of the day.

    Attributes:
        send_to: Names of people in `oncall.yaml` or of recipients in `channels.yaml`; each is sent
            the document by e-mail, or where they have none a note that it is there.
        decided_by: Whose running terms are "what needs a decision".
    """

    at: TimeOfDay = time(7, 0)
    send_to: tuple[Text, ...] = Field(default=(), max_length=50)
    decided_by: tuple[Line, ...] = ("lanh_dao_vp", "chi_huy", "chu_quan")


class DayFile(Part):
    """A whole `day.yaml`."""

    units: UnitsDay = UnitsDay()
    report: DailyReport = DailyReport()


SHIPPED = DayFile()


def load_day(
    text: str,
    *,
    file: str,
    units: Collection[str] | None = None,
    roles: Collection[str] | None = None,
) -> DayFile:
    """Read and check `day.yaml`; None for units or roles that could not be read themselves.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    if document.value is None:
        return SHIPPED
    found = validate(document, DayFile)
    if problems := list(_unknown(document, found, units, roles)):
        raise InvalidDocument(problems)
    return found


def _unknown(
    document: Document,
    found: DayFile,
    units: Collection[str] | None,
    roles: Collection[str] | None,
) -> Iterator[Problem]:
    for place, code in enumerate(found.units.without):
        if units is not None and code not in units:
            yield document.problem(
                ("units", "without", place),
                f"there is no unit {code!r} in units.csv",
                f"units.csv không có đơn vị {code!r}",
            )
    named: list[tuple[tuple[str | int, ...], str]] = [(("units", "role"), found.units.role)]
    named += [(("report", "decided_by", n), one) for n, one in enumerate(found.report.decided_by)]
    for path, role in named:
        if roles is not None and role not in roles:
            listed = ", ".join(sorted(roles))
            yield document.problem(
                path,
                f"{role!r} is not a role of the procedure; allowed: {listed}",
                f"{role!r} không phải vai trò của quy trình; cho phép: {listed}",
            )
