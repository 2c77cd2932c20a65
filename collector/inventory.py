"""units.csv → checked units: organisations by identifier code, a tree of any depth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from collector.csv_file import Columns, read_cells, text_of
from collector.hours.hours import parse_hours
from collector.wire_text import check_words
from incidents.vietnamese import read_day, search_key
from incidents.yaml_lines import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    "code", "name", "kind", "parent", "region", "contact", "hours", "valid_from", "valid_to",
    "predecessor", "old_names",
)  # fmt: skip
REQUIRED = ("code", "name")
_CODE = re.compile(r"[A-Z0-9]+(?:[.\-][A-Z0-9]+)*")
FILE = "units.csv"
# The last day on which a unit may have been one of these: two levels are left since then.
LAST_DAY_OF_OLD_KINDS = "2025-07-01"
OLD_KINDS = ("huyen", "quan", "thi xa", "thi tran")
_COLUMNS = Columns(FILE, COLUMNS, REQUIRED)


# The field, and what is wrong with it in English and Vietnamese.
Why: TypeAlias = tuple[str, str, str]


class UnitRow(NamedTuple):
    """One unit; dates are ISO text, `old_names` what people still call it."""

    code: str
    name: str
    kind: str = ""
    parent: str | None = None
    region: str = ""
    contact: str = ""
    hours: str = ""
    valid_from: str | None = None
    valid_to: str | None = None
    predecessor: str | None = None
    old_names: tuple[str, ...] = ()


def read_units(content: bytes) -> list[UnitRow]:
    """Return the units of a file; what `collector.csv_file` reads is read.

    Raises:
        InvalidDocument: With every problem, each with its line and field.
    """
    text = text_of(content, FILE)
    problems: list[Problem] = []
    found = list(_read_lines(text, problems))
    if not problems:
        problems += _tree_problems(found)
    if problems:
        raise InvalidDocument(problems)
    return [unit for _, unit in found]


def _read_lines(text: str, problems: list[Problem]) -> Iterator[tuple[int, UnitRow]]:
    for line, given in read_cells(text, _COLUMNS, problems):
        yield from _read_row(given, line, problems)


def _read_row(
    given: dict[str, str], line: int, problems: list[Problem]
) -> Iterator[tuple[int, UnitRow]]:
    found = [Problem(FILE, line, *why) for why in _row_problems(given)]
    problems += found
    if found:
        return
    yield (
        line,
        UnitRow(
            code=given["code"],
            name=given["name"],
            kind=given["kind"],
            parent=given["parent"] or None,
            region=given["region"],
            contact=given["contact"],
            hours=given["hours"],
            valid_from=_iso(given["valid_from"]),
            valid_to=_iso(given["valid_to"]),
            predecessor=given["predecessor"] or None,
            old_names=tuple(name.strip() for name in given["old_names"].split("|") if name.strip()),
        ),
    )


def _row_problems(given: dict[str, str]) -> Iterator[Why]:
    for name in REQUIRED:
        if not given[name]:
            yield name, "is empty", "còn trống"
    for name, value in given.items():
        is_list = name in ("old_names", "contact", "hours")
        reason = check_words(value[:120] if is_list else value)
        if reason is not None:
            yield name, reason, "quá dài hoặc có ký tự không được phép"
    for name in ("code", "parent", "predecessor"):
        if given[name] and _CODE.fullmatch(given[name]) is None:
            yield (
                name,
                f"{given[name]!r} is not a code such as H42.01.07 (capitals, digits, . and -)",
                f"{given[name]!r} không phải mã định danh như H42.01.07 (chữ hoa, số, . và -)",
            )
    yield from _date_problems(given)
    yield from _old_kind(given["kind"], _iso(given["valid_to"]))
    try:
        parse_hours(given["hours"])
    except ValueError as error:
        yield "hours", str(error), "ghi như T2-T6 07:00-11:30,13:30-17:00; T7 07:30-11:30"


def _date_problems(given: dict[str, str]) -> Iterator[Why]:
    since, until = (read_day(given[name]) for name in ("valid_from", "valid_to"))
    for name, day in (("valid_from", since), ("valid_to", until)):
        if given[name] and day is None:
            text = given[name]
            message = f"{text!r} is not a date such as 2026-07-01 or 01/07/2026"
            yield name, message, f"{text!r} không phải ngày như 01/07/2026"
    if since is not None and until is not None and until < since:
        yield "valid_to", "is before valid_from", "trước ngày bắt đầu valid_from"


def _old_kind(kind: str, valid_to: str | None) -> Iterator[Why]:
    """Yield why a kind is none today; a unit that ended by then may have been one."""
    has_ended = valid_to is not None and valid_to <= LAST_DAY_OF_OLD_KINDS
    if has_ended or search_key(kind).replace("_", " ") not in OLD_KINDS:
        return
    yield (
        "kind",
        (
            f"{kind!r} is no kind since 01/07/2025 (tỉnh, thành phố; xã, phường, đặc khu); write "
            "its name into old_names of the unit that followed, or when it ended into valid_to"
        ),
        (
            f"{kind!r} không còn từ 01/07/2025 (tỉnh, thành phố; xã, phường, đặc khu); ghi tên cũ "
            "vào old_names của đơn vị kế tục, hoặc ghi ngày kết thúc vào valid_to"
        ),
    )


def _tree_problems(rows: list[tuple[int, UnitRow]]) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for line, unit in rows:
        if unit.code in lines:
            before = lines[unit.code]
            message = f"the code {unit.code} is already in line {before}"
            yield Problem(FILE, line, "code", message, f"mã {unit.code} đã có ở dòng {before}")
        lines.setdefault(unit.code, line)
    parents = {unit.code: unit.parent for _, unit in rows}
    for line, unit in rows:
        if unit.parent is not None and unit.parent not in parents:
            message, message_vi = (
                f"there is no unit {unit.parent}",
                f"không có đơn vị {unit.parent}",
            )
            yield Problem(FILE, line, "parent", message, message_vi)
        elif (circle := _circle(unit.code, parents)) is not None:
            way = " → ".join(circle)
            yield Problem(FILE, line, "parent", f"goes in a circle: {way}", f"vòng lặp: {way}")


def _circle(code: str, parents: dict[str, str | None]) -> list[str] | None:
    """Return the way from a unit back to itself, if there is one."""
    way = [code]
    above = parents.get(code)
    while above is not None and above not in way:
        way.append(above)
        above = parents.get(above)
    return [*way, code] if above == code else None


def _iso(text: str) -> str | None:
    day = read_day(text)
    return None if day is None else day.isoformat()
