"""`wanwatch duty`: recurring duties, and everything that is due."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from incidents.vietnamese import ZONE

OVERDUE = "qua_han"
DUE_COLUMNS = {
    "state": "STATE",
    "due_at": "DUE",
    "kind": "KIND",
    "code": "CODE",
    "term": "TERM",
    "name_vi": "WHAT",
    "owner": "WHO",
    "mark": "MARK",
}
COLUMNS = {
    "duty": "DUTY",
    "period": "PERIOD",
    "due_at": "DUE",
    "state": "STATE",
    "owner": "WHO",
    "mark": "MARK",
    "done_at": "DONE",
    "actor": "BY",
    "proof": "PROOF",
}
command = typer.Typer(help="Recurring duties, and everything that is due.", no_args_is_help=True)


@command.command("due")
def due(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List what is due soon or overdue, incidents' terms included; exit code 1 when overdue."""
    _shown(connect(data).get("/api/v1/due"), DUE_COLUMNS, as_json=as_json)


@command.command("list")
def list_duties(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the recurring duties with their periods; exit code 1 when one is overdue."""
    _shown(connect(data).get("/api/v1/duties"), COLUMNS, as_json=as_json)


@command.command("done")
def done(
    duty: Annotated[str, typer.Argument(metavar="DUTY", help="Code, such as bc_thang.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="As listed: 2026-11, 2026-Q4.")],
    proof: Annotated[str, typer.Option(help="What proves it: number and date, minutes, names.")],
    data: Data = Path("var"),
    on: Annotated[str, typer.Option(help="The day on which it was done, 2026-11-25.")] = "",
) -> None:
    """Record that a duty was done; the record stays as it is."""
    body: dict[str, Any] = {"proof": proof}
    if on:
        body["done_at"] = _noon(on).isoformat()
    answer = connect(data).post(f"/api/v1/duties/{duty}/{period}/done", body)
    typer.echo(answer["state"])


def _noon(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(12), tzinfo=ZONE)
    except ValueError:
        fail(say("--on {day}: a day is written as 2026-11-25", day=day), code=2)


def _shown(rows: list[dict[str, Any]], columns: dict[str, str], *, as_json: bool) -> None:
    show(rows, columns, as_json=as_json)
    if any(row["state"] == OVERDUE for row in rows):
        raise typer.Exit(1)
