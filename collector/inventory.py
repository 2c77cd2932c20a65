"""units.csv: the organisations and their hours; every mistake with its line and column."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REQUIRED = ("code", "name", "kind", "region")
HOST_KINDS = ("server", "workstation", "network", "conference", "shared")
MAX_BYTES = 4 << 20
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_DAY = r"(?:T[2-7]|CN)(?:-(?:T[2-7]|CN))?"
_SPAN = r"(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
_HOURS = re.compile(rf"{_DAY} {_SPAN}(?:,{_SPAN})*(?:; ?{_DAY} {_SPAN}(?:,{_SPAN})*)*")


@dataclass(frozen=True, slots=True)
class Unit:
    """One organisation as units.csv has it; every field is text as it was written, in NFC.

    Attributes:
        hours: When its hosts are expected, such as `T2-T6 07:00-17:30`; empty means always.
        old_names: Former names, separated by `|`.
    """

    code: str
    name: str
    kind: str
    region: str
    parent: str = ""
    contact: str = ""
    hours: str = ""
    valid_from: str = ""
    valid_to: str = ""
    predecessor: str = ""
    old_names: str = ""


COLUMNS = tuple(f.name for f in fields(Unit))


def read_units(content: bytes, *, file: str) -> list[Unit]:
    """Return the units of a file in UTF-8 with or without BOM, separated by `,` `;` or tab.

    Raises:
        InvalidDocument: With every problem of the file.
    """
    text = _decode(content, file)
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise InvalidDocument([Problem(file, 1, "", f"empty; line 1 names the columns {_names()}")])
    delimiter = max(",;\t", key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    problems: list[Problem] = []
    units: list[tuple[int, Unit]] = []
    try:
        header = [_clean(name) for name in next(reader)]
        problems += _check_header(header, file)
        if not problems:
            for row in reader:
                if any(cell.strip() for cell in row):
                    units += _unit(row, header, file, reader.line_num, problems)
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, "", f"not readable as CSV: {error}"))
    problems += _check_together(units, file)
    if problems:
        raise InvalidDocument(problems)
    return [unit for _, unit in units]


def _decode(content: bytes, file: str) -> str:
    if len(content) > MAX_BYTES:
        raise InvalidDocument([Problem(file, 1, "", f"{len(content)} bytes; at most {MAX_BYTES}")])
    try:
        return unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise InvalidDocument(
            [Problem(file, line, "", message, "tệp không phải UTF-8; hãy lưu lại dạng UTF-8")]
        ) from None


def _names() -> str:
    return ", ".join(COLUMNS)


def _clean(cell: str) -> str:
    return " ".join(cell.split())


def _check_header(header: list[str], file: str) -> Iterator[Problem]:
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Problem(file, 1, name, "this column stands twice; keep one")
    for name in header:
        if name not in COLUMNS:
            yield Problem(file, 1, name, f"unknown column; known are {_names()}")
    for name in REQUIRED:
        if name not in header:
            yield Problem(file, 1, name, "this column is missing")


def _unit(
    row: list[str], header: list[str], file: str, line: int, problems: list[Problem]
) -> list[tuple[int, Unit]]:
    if len(row) != len(header):
        counted = f"{len(row)} cells under {len(header)} columns; quote a cell that holds a comma"
        problems.append(Problem(file, line, "", counted))
        return []
    values = dict(zip(header, map(_clean, row), strict=True))
    found = [Problem(file, line, name, message) for name, message in _check_row(values)]
    problems.extend(found)
    return [] if found else [(line, Unit(**values))]


def _check_row(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in REQUIRED:
        if not values[name]:
            yield name, "is empty"
    for name, value in values.items():
        if any(unicodedata.category(c) in ("Cc", "Cf") for c in value):
            yield name, f"holds a control or direction character: {value!r}"
    for name in ("code", "parent", "predecessor"):
        if values.get(name) and not _CODE.fullmatch(values[name]):
            yield name, f"{values[name]!r}: letters, digits, dot, dash, underscore; at most 64"
    for name in ("valid_from", "valid_to"):
        if values.get(name) and not _is_date(values[name]):
            yield name, f"{values[name]!r} is not a date; write it like 2025-07-01"
    if (low := values.get("valid_from")) and (high := values.get("valid_to")) and high < low:
        yield "valid_to", f"{high} lies before valid_from {low}"
    if values.get("hours") and not _HOURS.fullmatch(values["hours"]):
        yield "hours", f"{values['hours']!r}: write it like 'T2-T6 07:00-11:30,13:30-17:00'"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_together(units: list[tuple[int, Unit]], file: str) -> Iterator[Problem]:
    """Find repeated codes, parents that do not exist, and circles."""
    first: dict[str, int] = {}
    for line, unit in units:
        if unit.code in first:
            yield Problem(
                file, line, "code", f"{unit.code!r} is already given in line {first[unit.code]}"
            )
        first.setdefault(unit.code, line)
    parents = {unit.code: unit.parent for _, unit in units}
    for line, unit in units:
        if unit.parent and unit.parent not in parents:
            yield Problem(file, line, "parent", f"no unit has the code {unit.parent!r}")
        elif circle := _circle(unit.code, parents):
            yield Problem(file, line, "parent", "units above each other: " + " → ".join(circle))


def _circle(code: str, parents: Mapping[str, str]) -> list[str]:
    """Return the way from a unit up to itself, or nothing when it ends at a root."""
    way = [code]
    while (above := parents.get(way[-1], "")) and above not in way[1:]:
        way.append(above)
        if above == code:
            return way
    return []
