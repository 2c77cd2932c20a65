"""`wanwatch oncall handover`: the minutes of a change of shifts, written into and signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.cli.words import say

COLUMNS = {
    "id": "ID",
    "schedule": "SCHEDULE",
    "at": "AT",
    "outgoing": "HANDS OVER",
    "incoming": "TAKES OVER",
    "signed": "SIGNED BY",
    "left_open": "NOBODY HAS",
}
INCIDENTS = {
    "code": "CODE",
    "severity": "SEVERITY",
    "title_vi": "WHAT",
    "stage": "STAGE",
    "holder": "WHO",
    "next_vi": "NEXT",
}
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number, as listed.")]
command = typer.Typer(help="Handovers of shifts.", no_args_is_help=True)


@command.command("list")
def list_handovers(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the handovers, the newest first; exit code 1 when one is not signed by both."""
    found = connect(data).get("/api/v1/handovers")
    rows = found if as_json else [_row(one) for one in found]
    show(rows, COLUMNS, as_json=as_json)
    if not all(one["is_signed"] for one in found):
        raise typer.Exit(1)


@command.command("show")
def show_one(number: Number, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show what is handed over."""
    found = connect(data).get(f"/api/v1/handovers/{number}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    show([_row(found)], COLUMNS, as_json=False)
    show(found["document"]["incidents"], INCIDENTS, as_json=False)
    for field, text in found["words"].items():
        typer.echo(f"{field}: {text}")


@command.command("note")
def note(
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    data: Data = Path("var"),
    field: Annotated[str, typer.Option(help="tinh_trang, thiet_bi or luu_y.")] = "luu_y",
) -> None:
    """Write into a field; what stood there stays in the record."""
    connect(data).post(f"/api/v1/handovers/{number}/notes", {"field": field, "text": text})


@command.command("sign")
def sign(
    number: Number,
    side: Annotated[str, typer.Option(help="outgoing or incoming.")],
    data: Data = Path("var"),
    accept: Annotated[
        list[str] | None, typer.Option(help="A code nobody has acknowledged; once for each.")
    ] = None,
) -> None:
    """Sign in one's own name for the side that hands over, or the one that takes over."""
    body: dict[str, Any] = {"side": side, "accepted": accept or []}
    answer = connect(data).post(f"/api/v1/handovers/{number}/sign", body)
    typer.echo(say("signed by both") if answer["is_signed"] else say("signed: {side}", side=side))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    signed = [f"{mine['actor'].removeprefix('person:')}" for mine in one["signatures"]]
    people = {side: [name for name in one[side] if name] for side in ("outgoing", "incoming")}
    return {**one, **people, "signed": signed}
