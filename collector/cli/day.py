"""`wanwatch day`: who has confirmed the day of their unit, and confirming it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

MISSING = "missing"
COLUMNS = {
    "unit": "UNIT",
    "name": "NAME",
    "state": "STATE",
    "at": "AT",
    "actor": "BY",
    "way": "WAY",
    "text": "WHAT",
    "officers": "OFFICERS",
}
Day = Annotated[str, typer.Option("--date", help="The day, 2026-11-26; today unless said.")]
command = typer.Typer(help="Who has confirmed the day of their unit.", no_args_is_help=True)


@command.command("list")
def list_days(data: Data = Path("var"), day: Day = "", as_json: AsJson = False) -> None:
    """List the units with how a day stands; exit code 1 when one is listed as missing."""
    rows = connect(data).get("/api/v1/unit-days", day=day or None)
    shown = rows if as_json else [{**row, "officers": "; ".join(row["officers"])} for row in rows]
    show(shown, COLUMNS, as_json=as_json)
    if any(row["state"] == MISSING for row in rows):
        raise typer.Exit(1)


@command.command("confirm")
def confirm(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Its code.")],
    data: Data = Path("var"),
    day: Day = "",
    happened: Annotated[str, typer.Option(help="What happened; nothing where it is empty.")] = "",
    told_by: Annotated[str, typer.Option(help="Who of the unit said so on the telephone.")] = "",
) -> None:
    """Confirm the day of a unit; what is said later of the same day holds in its place."""
    body: dict[str, Any] = {"text": happened, "told_by": told_by}
    if day:
        body["day"] = day
    answer = connect(data).post(f"/api/v1/unit-days/{unit}", body)
    typer.echo(f"{answer['unit']} {answer['day']}")
