"""CSV files as Excel writes them → cells by column, each with its line: the one reader of all.

UTF-8, UTF-16 or Windows-1258 (`incidents.vietnamese_bytes`); comma, semicolon or tab; the first
line names the columns in any order; lines that begin with `#` or `sep=` are left out.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.vietnamese_bytes import Unreadable, check, read
from incidents.yaml_lines import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# A comment, and how Excel says which character separates.
_NO_ROW = ("#", "sep=")
MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class Columns:
    """The name of a file, the columns it may have, and those it must have."""

    file: str
    names: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Return all names as a message says them."""
        return ", ".join(self.names)


def text_of(content: bytes, file: str) -> str:
    """Return the file's text, composed (NFC).

    Raises:
        InvalidDocument: It is too large, or written in what is not read, such as TCVN3 or VNI.
    """
    if len(content) > MAX_BYTES:
        message, message_vi = f"larger than {MAX_BYTES} bytes", f"lớn hơn {MAX_BYTES} byte"
        raise InvalidDocument([Problem(file, 1, "", message, message_vi)])
    return _readable(read(content), file)


def checked(text: str, file: str) -> str:
    """Return a text that came as Unicode.

    Raises:
        InvalidDocument: Letters of TCVN3 or VNI were pasted into it.
    """
    return _readable(check(text), file)


def _readable(found: str | Unreadable, file: str) -> str:
    if isinstance(found, str):
        return found
    why = Problem(file, found.line, "", found.reason_en, found.reason_vi)
    raise InvalidDocument([why])


def read_cells(
    text: str, columns: Columns, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and stripped cells of each row; what is wrong is added to `problems`."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith(_NO_ROW))
    delimiter = max(",;\t", key=next(lines, "").count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells) or cells[0].startswith(_NO_ROW):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                wrong = list(_header_problems(header, columns, line))
                problems += wrong
                if wrong:
                    return
            elif len(cells) > len(header):
                message = f"{len(cells)} fields; the header has {len(header)}"
                message_vi = f"{len(cells)} ô; dòng tên cột có {len(header)}"
                problems.append(Problem(columns.file, line, "", message, message_vi))
            else:
                given = dict(zip(header, cells, strict=False))
                yield line, {name: given.get(name, "").strip() for name in columns.names}
    except csv.Error as error:
        message, message_vi = f"not readable as CSV: {error}", f"không đọc được dạng CSV: {error}"
        problems.append(Problem(columns.file, reader.line_num, "", message, message_vi))
    if header is None:
        message = f"no header; the first line names {columns.listed}"
        message_vi = f"thiếu dòng tên cột; dòng đầu ghi {columns.listed}"
        problems.append(Problem(columns.file, 1, "", message, message_vi))


def _header_problems(header: list[str], columns: Columns, line: int) -> Iterator[Problem]:
    for name in header:
        if name not in columns.names:
            message = f"{name!r} is not a known column; known: {columns.listed}"
            message_vi = f"không có cột {name!r}; các cột: {columns.listed}"
            yield Problem(columns.file, line, name, message, message_vi)
        elif header.count(name) > 1:
            message, message_vi = f"the column {name!r} occurs twice", f"cột {name!r} có hai lần"
            yield Problem(columns.file, line, name, message, message_vi)
    for name in columns.required:
        if name not in header:
            message, message_vi = f"the column {name!r} is missing", f"thiếu cột {name!r}"
            yield Problem(columns.file, line, name, message, message_vi)
