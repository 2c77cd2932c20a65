"""`services.yaml` → the catalogue of shared systems, checked: names, targets, circles, hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from collector.catalogue.catalogue import Catalogue, Entry
from collector.hours.hours import NO_HOURS
from collector.hours.hours_file import HoursText, hours_of
from collector.outages.topology import TARGET_PREFIX, circle_through
from collector.targets.targets_file import Line, Name
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from incidents.yaml_lines import Document, Problem

FILE = "services.yaml"
MOST_SERVICES = 300
# Another entry's name, or `target:NAME`.
Need = Annotated[str, Field(pattern=r"^(target:)?[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$")]
Words = Annotated[Line, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reason(_Part):
    """Why this network cannot see it."""

    vi: Words
    en: Line = ""


class EntryPart(_Part):
    """One shared system."""

    name: Name
    vi: Words
    en: Line = ""
    owner: Line = ""
    hours: HoursText | None = None
    needs: list[Need] = []
    checked_by: list[Name] = []
    enough: Annotated[int, Field(ge=1)] | None = None
    not_measured: Reason | None = None


class CatalogueFile(_Part):
    """A whole file."""

    services: Annotated[list[EntryPart], Field(max_length=MOST_SERVICES)] = []


def read_catalogue(
    text: str, *, file: str = FILE, targets: Container[str] | None = None
) -> Catalogue:
    """Return the catalogue of a file; `targets` are the names that exist, None: not checked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    content = validate(document, CatalogueFile)
    problems = [
        *_repeated(document, content),
        *_unknown(document, content, targets),
        *_senseless(document, content),
        *_circles(document, content),
    ]
    if problems:
        raise InvalidDocument(problems)
    return Catalogue({part.name: _entry(part) for part in content.services})


def _entry(part: EntryPart) -> Entry:
    reason = part.not_measured
    return Entry(
        name=part.name,
        vi=part.vi,
        en=part.en or part.vi,
        owner=part.owner,
        hours=NO_HOURS if part.hours is None else hours_of(part.hours),
        hours_text=part.hours or "",
        needs=tuple(part.needs),
        checked_by=tuple(part.checked_by),
        enough=part.enough or len(part.checked_by),
        unmeasured_vi="" if reason is None else reason.vi,
        unmeasured_en="" if reason is None else reason.en or reason.vi,
    )


def _repeated(document: Document, content: CatalogueFile) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, part in enumerate(content.services):
        if part.name in first:
            line = document.line_of(("services", first[part.name], "name"))
            yield document.problem(
                ("services", number, "name"),
                f"the same name is already in line {line}; keep one",
                f"tên này đã có ở dòng {line}; chỉ giữ một",
            )
        first.setdefault(part.name, number)


def _unknown(
    document: Document, content: CatalogueFile, targets: Container[str] | None
) -> Iterator[Problem]:
    names = {part.name for part in content.services}

    def is_target(name: str) -> bool:
        return targets is None or name in targets

    for number, part in enumerate(content.services):
        for place, need in enumerate(part.needs):
            target = need.removeprefix(TARGET_PREFIX)
            if not (is_target(target) if target != need else need in names):
                yield document.problem(
                    ("services", number, "needs", place),
                    f"there is no service {need!r} in this file and no target of that name in "
                    "targets.yaml; a target is written target:NAME",
                    f"không có dịch vụ hay thiết bị {need!r}; thiết bị viết là target:TÊN",
                )
        for place, name in enumerate(part.checked_by):
            if not is_target(name):
                yield document.problem(
                    ("services", number, "checked_by", place),
                    f"there is no target {name!r} in targets.yaml",
                    f"targets.yaml không có {name!r}",
                )


def _senseless(document: Document, content: CatalogueFile) -> Iterator[Problem]:
    for number, part in enumerate(content.services):
        path = ("services", number)
        if part.not_measured is not None and (part.checked_by or part.needs):
            yield document.problem(
                (*path, "not_measured"),
                "stands beside `checked_by` or `needs`; what is measured has no reason not to be",
                "đã có `checked_by` hoặc `needs` thì không ghi `not_measured`",
            )
        elif part.not_measured is None and not (part.checked_by or part.needs):
            yield document.problem(
                path,
                "needs `checked_by`, `needs`, or `not_measured` with the reason: nobody could say "
                "how it is",
                "cần `checked_by`, `needs`, hoặc `not_measured` kèm lý do",
            )
        if part.enough is not None and part.enough > len(part.checked_by):
            yield document.problem(
                (*path, "enough"),
                f"is {part.enough}, and only {len(part.checked_by)} are listed in `checked_by`",
                f"là {part.enough} nhưng `checked_by` chỉ có {len(part.checked_by)}",
            )


def _circles(document: Document, content: CatalogueFile) -> Iterator[Problem]:
    needs = {part.name: tuple(part.needs) for part in content.services}
    for number, part in enumerate(content.services):
        way = circle_through(part.name, needs)
        if way is not None:
            shown = " → ".join(way)
            yield document.problem(
                ("services", number, "needs"),
                f"goes in a circle: {shown}",
                f"đi vòng tròn: {shown}",
            )
