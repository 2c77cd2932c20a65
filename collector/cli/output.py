"""How commands speak: tables for people, JSON for programs, errors on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def fail(message: str, *, code: int) -> NoReturn:
    """Say what is wrong on standard error and end: 1 bad, 2 usage or configuration."""
    typer.echo(f"wanwatch: {message}", err=True)
    raise typer.Exit(code)


def show(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print rows as a table of `columns` (field → heading), or all their fields as JSON."""
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    table = Table(*columns.values(), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row.get(field)) for field in columns))
    Console(markup=False, emoji=False, highlight=False).print(table)


def _cell(value: Any) -> str:
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
