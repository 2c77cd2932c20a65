"""certificates.csv → the register of certificates and signing tokens; nothing that is secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.csv_file import Columns, read_cells, text_of
from collector.wire_text import check_words
from incidents.certificates import KINDS, Certificate
from incidents.vietnamese import read_day, search_key
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

FILE = "certificates.csv"
COLUMNS = (
    "unit", "kind", "name", "serial", "issuer", "token", "holder", "valid_from", "valid_to",
)  # fmt: skip
REQUIRED = ("unit", "kind", "name", "serial", "valid_to")
_COLUMNS = Columns(FILE, COLUMNS, REQUIRED)
_SERIAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z:. _-]{0,79}")
# Of a column's name, without marks: what holds the key itself or opens it.
_SECRET_COLUMN = re.compile(
    r"\b(pin|puk|so pin|ma pin|password|passwd|pass|mat khau|passphrase|private|secret|"
    r"khoa (rieng|bi mat)|bi mat|key)\b"
)
_SECRET_CELL = re.compile(
    r"PRIVATE KEY|-----BEGIN|\b(PIN|PUK|mat khau|password)\b\s*[:=]", re.IGNORECASE
)


def read_certificates(content: bytes, *, units: Container[str] | None) -> list[Certificate]:
    """Return the register of a file.

    Args:
        units: The codes of units.csv; None where that file could not be read.

    Raises:
        InvalidDocument: With every problem, each with its line and field.
    """
    text = text_of(content, FILE)
    if secret := list(_secret_columns(text)):
        raise InvalidDocument(secret)
    problems: list[Problem] = []
    found: list[Certificate] = []
    lines: dict[tuple[str, str], int] = {}
    for line, cells in read_cells(text, _COLUMNS, problems):
        wrong = list(_row_problems(cells, units))
        before = lines.setdefault((cells["unit"], _plain(cells["serial"])), line)
        if before != line:
            wrong.append(("serial", f"is in line {before} already", f"đã có ở dòng {before}"))
        problems += [Problem(FILE, line, *one) for one in wrong]
        if not wrong:
            found.append(_certificate(cells))
    if problems:
        raise InvalidDocument(problems)
    return found


def _secret_columns(text: str) -> Iterator[Problem]:
    """Refuse a file at the sight of its header: none of its cells is looked at or repeated."""
    numbered = enumerate(text.splitlines(), start=1)
    rows = (
        (n, line) for n, line in numbered if line.strip() and not line.startswith(("#", "sep="))
    )
    line, header = next(rows, (1, ""))
    for name in re.split(r"[,;\t]", header):
        if _SECRET_COLUMN.search(search_key(name).replace("_", " ")):
            yield Problem(
                FILE,
                line,
                name.strip()[:60],
                "looks like a secret; the register holds public data only: remove this column",
                "giống dữ liệu bí mật; sổ chỉ ghi dữ liệu công khai: bỏ cột này đi",
            )


def _row_problems(
    cells: dict[str, str], units: Container[str] | None
) -> Iterator[tuple[str, str, str]]:
    for name, value in cells.items():
        if _SECRET_CELL.search(search_key(value) if not value.isascii() else value):
            yield (
                name,
                "looks like a secret; remove it, and change what it opened",
                "giống dữ liệu bí mật; xóa đi và đổi mã đã lộ",
            )
            return
        if (reason := check_words(value)) is not None:
            yield name, reason, ""
    for name in REQUIRED:
        if not cells[name]:
            yield name, "is empty", "còn trống"
    if cells["unit"] and units is not None and cells["unit"] not in units:
        unit = cells["unit"]
        yield "unit", f"there is no unit {unit!r} in units.csv", f"units.csv không có đơn vị {unit}"
    if cells["kind"] and _kind(cells["kind"]) not in KINDS:
        listed = ", ".join(KINDS)
        yield (
            "kind",
            f"{cells['kind']!r}; one of {listed}",
            f"{cells['kind']!r}; một trong {listed}",
        )
    if cells["serial"] and _SERIAL.fullmatch(cells["serial"]) is None:
        yield "serial", "is not a serial number", "không phải số hiệu chứng thư"
    yield from _date_problems(cells)


def _date_problems(cells: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    since, until = read_day(cells["valid_from"]), read_day(cells["valid_to"])
    for name, day in (("valid_from", since), ("valid_to", until)):
        if cells[name] and day is None:
            given = cells[name]
            yield (
                name,
                f"{given!r} is not a day such as 31/12/2026",
                f"{given!r}: ghi như 31/12/2026",
            )
    if since is not None and until is not None and until < since:
        yield "valid_to", "is before valid_from", "trước ngày bắt đầu"


def _certificate(cells: dict[str, str]) -> Certificate:
    until = read_day(cells["valid_to"])
    assert until is not None  # checked with the row
    return Certificate(
        cells["unit"],
        _kind(cells["kind"]),  # type: ignore[arg-type]
        cells["name"],
        cells["serial"],
        until,
        read_day(cells["valid_from"]),
        cells["issuer"],
        cells["token"],
        cells["holder"],
    )


def _kind(given: str) -> str:
    return search_key(given).replace(" ", "_")


def _plain(serial: str) -> str:
    return re.sub(r"[:. _-]", "", serial).upper().lstrip("0")
