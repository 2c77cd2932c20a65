"""CSV files of the policy as Excel writes them → cells by column, each with its line.

UTF-8 with or without a byte-order mark; comma, semicolon or tab; the first line names the columns
in any order; lines that begin with `#` are left out.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.yaml_lines import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        InvalidDocument: It is too large or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise InvalidDocument([Problem(file, 1, "", f"larger than {MAX_BYTES} bytes")])
    try:
        return unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "is not UTF-8; in Excel save as 'CSV UTF-8'"
        raise InvalidDocument([Problem(file, line, "", message)]) from error


def read_cells(
    text: str, columns: Columns, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and stripped cells of each row; what is wrong is added to `problems`."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    delimiter = max(",;\t", key=next(lines, "").count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                wrong = list(_header_problems(header, columns, line))
                problems += wrong
                if wrong:
                    return
            elif len(cells) > len(header):
                message = f"{len(cells)} fields; the header has {len(header)}"
                problems.append(Problem(columns.file, line, "", message))
            else:
                given = dict(zip(header, cells, strict=False))
                yield line, {name: given.get(name, "").strip() for name in columns.names}
    except csv.Error as error:
        message = f"not readable as CSV: {error}"
        problems.append(Problem(columns.file, reader.line_num, "", message))
    if header is None:
        message = f"no header; the first line names {columns.listed}"
        problems.append(Problem(columns.file, 1, "", message))


def _header_problems(header: list[str], columns: Columns, line: int) -> Iterator[Problem]:
    for name in header:
        if name not in columns.names:
            message = f"{name!r} is not a known column; known: {columns.listed}"
            yield Problem(columns.file, line, name, message)
        elif header.count(name) > 1:
            yield Problem(columns.file, line, name, f"the column {name!r} occurs twice")
    for name in columns.required:
        if name not in header:
            yield Problem(columns.file, line, name, f"the column {name!r} is missing")
