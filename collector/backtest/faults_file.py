"""A list of faults that are known to have happened: what a run is asked whether it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.backtest.detection import Known
from collector.csv_file import Columns, read_cells, text_of
from incidents.local_time import parse_local
from incidents.vietnamese import ZONE
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

NAMES = ("at", "until", "unit", "host", "class", "what")


def read_faults(path: Path) -> list[Known]:
    """Return the faults of a CSV file with the columns `at`, `unit`, `host`, `what` and others.

    Raises:
        InvalidDocument: With every mistake and its line.
        OSError: The file cannot be read.
    """
    columns = Columns(path.name, NAMES, ("at", "unit"))
    problems: list[Problem] = []
    found: list[Known] = []
    for line, cells in read_cells(text_of(path.read_bytes(), path.name), columns, problems):
        at = _instant(cells["at"], "at", path.name, line, problems)
        until = cells.get("until") and _instant(cells["until"], "until", path.name, line, problems)
        host, kind = cells.get("host", ""), cells.get("class", "")
        if not host and not kind:
            why, why_vi = "needs `host`, `class` or both", "cần `host`, `class` hoặc cả hai"
            problems.append(Problem(path.name, line, "host", why, why_vi))
        if at is not None:
            what = cells.get("what", "")
            name = f"{path.name}:{line}"
            found.append(
                Known(name, "", cells["unit"], host, kind, "", at, at, until or None, what, what)
            )
    if problems:
        raise InvalidDocument(problems)
    return found


def _instant(
    text: str, field: str, file: str, line: int, problems: list[Problem]
) -> datetime | None:
    try:
        return parse_local(text, str(ZONE))
    except ValueError as error:
        problems.append(Problem(file, line, field, str(error)))
        return None
