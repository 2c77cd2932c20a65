"""The form of a file of faults: read, checked against the province, refused with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.rules.expression import parse_duration
from collector.rules.rules import HostKind
from collector.simulation.faults import Fault, Kind, Where, chosen
from incidents.yaml_lines import load, validate
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from collector.simulation.province import Province

STRIKES_NOBODY = (
    "no host of this province matches; `--province-only DIR` lists its units and hosts",
    "không có máy nào của tỉnh mô phỏng phù hợp",
)


def _time(text: str) -> str:
    parse_duration(text)
    return text


def _some_time(text: str) -> str:
    if parse_duration(text) <= 0:
        raise ValueError("longer than 0")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WherePart(_Part):
    """Which hosts; `hosts` is how many of those that match, or `all`."""

    unit: str = ""
    region: str = ""
    host: str = ""
    kind: HostKind | None = None
    hosts: Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern="^all$")] = 1


class FaultPart(_Part):
    """One fault."""

    kind: Kind
    at: Annotated[str, AfterValidator(_time)] = "0s"
    duration: Annotated[str, AfterValidator(_some_time)]
    where: WherePart = WherePart()


class FaultsFile(_Part):
    """A whole file."""

    faults: list[FaultPart] = []


def read_faults(text: str, *, file: str, province: Province) -> list[Fault]:
    """Return the faults of a file.

    Raises:
        InvalidDocument: With every mistake; a fault that strikes no host is one.
    """
    document = load(text, file=file)
    faults, problems = [], []
    for number, part in enumerate(validate(document, FaultsFile).faults):
        fault = _fault(part)
        faults.append(fault)
        if not chosen(province, fault.where):
            problems.append(document.problem(("faults", number, "where"), *STRIKES_NOBODY))
    if problems:
        raise InvalidDocument(problems)
    return faults


def _fault(part: FaultPart) -> Fault:
    where = Where(
        unit=part.where.unit,
        region=part.where.region,
        host=part.where.host,
        kind=part.where.kind or "",
        hosts=None if isinstance(part.where.hosts, str) else part.where.hosts,
    )
    return Fault(part.kind, parse_duration(part.at), parse_duration(part.duration), where)
