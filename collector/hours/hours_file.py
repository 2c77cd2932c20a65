"""`hours.yaml` → when kinds of host and units are expected; with file, line and field if wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from collector.hours.expectations import WHOLE_UNIT, HoursPolicy
from collector.hours.hours import NO_HOURS, Hours, parse_hours
from collector.liveness import Presence
from collector.rules.expression import parse_duration
from collector.rules.rules import HostKind
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "hours.yaml"
ALWAYS = "always"
ALL = "all"
PresenceWord = Literal["always", "working_hours", "sometimes"]


def _hours(text: str) -> str:
    hours_of(text)
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


HoursText = Annotated[str, AfterValidator(_hours)]
Duration = Annotated[str, AfterValidator(_duration)]


class HoursFile(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    presence: dict[HostKind, PresenceWord] = {}
    lost_after: dict[HostKind, Duration] = {}
    kinds: dict[HostKind, HoursText] = {}
    units: dict[str, dict[HostKind | Literal["all"], HoursText]] = {}


def read_hours(text: str, *, file: str = FILE, units: Container[str] | None = None) -> HoursPolicy:
    """Return what a file says; `units` are the codes that exist, None: not checked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    content = validate(document, HoursFile)
    problems = list(_unknown_units(document, content, units))
    if problems:
        raise InvalidDocument(problems)
    return HoursPolicy(
        presence={kind: Presence(word) for kind, word in content.presence.items()},
        lost_after={
            kind: timedelta(seconds=parse_duration(text))
            for kind, text in content.lost_after.items()
        },
        kinds={kind: hours_of(text) for kind, text in content.kinds.items()},
        units={
            (code, WHOLE_UNIT if kind == ALL else kind): hours_of(text)
            for code, said in content.units.items()
            for kind, text in said.items()
        },
    )


def hours_of(text: str) -> Hours:
    """Return hours as written; `always` is around the clock.

    Raises:
        ValueError: It says something else.
    """
    if text.strip() == ALWAYS:
        return NO_HOURS
    if not text.strip():
        raise ValueError("write hours such as 'T2-T6 07:00-17:00', or 'always'")
    return parse_hours(text)


def _unknown_units(
    document: Document, content: HoursFile, units: Container[str] | None
) -> Iterator[Problem]:
    for code in content.units:
        if units is not None and code not in units:
            yield document.problem(
                ("units", code),
                f"there is no unit {code!r} in units.csv",
                f"units.csv không có đơn vị {code!r}",
            )
