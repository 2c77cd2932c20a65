"""How commands speak: tables for people, JSON for programs, errors on standard error."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from collector.cli.words import word
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONG_FIELDS = frozenset(
    {
        "title",
        "summary_vi",
        "text",
        "needs",
        "blocked_vi",
        "label_vi",
        "value",
        "basis",
        "before",
        "after",
        "name",
    }
)
SAID_FIRST = ("summary_vi", "note", "reason")
PIPE_WIDTH = 240


def fail(message: str, *, code: int) -> NoReturn:
    """Say what is wrong on standard error and end: 1 bad, 2 usage or configuration."""
    typer.echo(f"wanwatch: {message}", err=True)
    raise typer.Exit(code)


def show(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print rows as a table of `columns` (field → heading), or all their fields as JSON.

    Instants are shown in local time; away from a terminal a row stays on one line.
    """
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for field, heading in columns.items():
        table.add_column(word(heading), overflow="fold", no_wrap=field not in LONG_FIELDS)
    for row in rows:
        table.add_row(*(_cell(field, row.get(field)) for field in columns))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(width=width, markup=False, emoji=False, highlight=False).print(table)


def _cell(field: str, value: Any) -> str:
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return word("yes") if value else word("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field == "at" or field.endswith("_at"):
        return local_time(datetime.fromisoformat(value))
    return words_of(value) if field == "text" else str(value)


def words_of(text: str) -> str:
    """Return what a person reads of an entry's words, which are stored as JSON."""
    try:
        said = json.loads(text)
    except ValueError:
        return text
    return next((said[name] for name in SAID_FIRST if said.get(name)), "-")
