"""`wanwatch hours`: when units are expected, and who was not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say

PROPOSAL_COLUMNS = {"unit": "UNIT", "kind": "KIND", "hours": "PROPOSED", "days": "BY DAYS"}
COLUMNS = {
    "unit": "UNIT",
    "kind": "KIND",
    "hours": "HOURS",
    "approved": "APPROVED",
    "decided_by": "BY",
    "decided_at": "AT",
}
MISSING_COLUMNS = {"region": "REGION", "unit": "UNIT", "host": "HOST", "kind": "KIND"}
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="Identifier code of the unit.")]
Kind = Annotated[str, typer.Option(help="Kind of host; without it the whole unit.")]
command = typer.Typer(help="When units and kinds of host are expected.", no_args_is_help=True)


@command.command("proposals")
def proposals(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the hours that units keep and that nobody expects yet."""
    show(connect(data).get("/api/v1/hours/proposals"), PROPOSAL_COLUMNS, as_json=as_json)


@command.command("list")
def list_hours(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List what people decided."""
    show(connect(data).get("/api/v1/hours"), COLUMNS, as_json=as_json)


@command.command("approve")
def approve(
    unit: Unit,
    data: Data = Path("var"),
    kind: Kind = "",
    hours: Annotated[
        str, typer.Option(help="Other hours than proposed: 'T2-T6 07:00-17:00', or always.")
    ] = "",
) -> None:
    """Expect a unit in the hours that are proposed for it, or in others."""
    _decide(data, unit, kind, hours, approve=True)


@command.command("decline")
def decline(unit: Unit, data: Data = Path("var"), kind: Kind = "") -> None:
    """Decline the hours that are proposed for a unit; they are not proposed again."""
    _decide(data, unit, kind, "", approve=False)


@command.command("forget")
def forget(unit: Unit, data: Data = Path("var"), kind: Kind = "") -> None:
    """Take a decision back."""
    connect(data).post("/api/v1/hours/forget", {"unit": unit, "kind": kind})
    typer.echo(say("forgotten"))


@command.command("missing")
def missing(
    data: Data = Path("var"),
    day: Annotated[str | None, typer.Option(help="Such as 2026-11-25; today unless said.")] = None,
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who was not switched on an hour after the hours began; exit code 1 when anybody."""
    found: list[dict[str, Any]] = connect(data).get("/api/v1/hours/missing", day=day, region=region)
    rows = [
        {"region": one["region"], "unit": one["unit"], **item}
        for one in found
        for item in one["items"]
    ]
    show(rows, MISSING_COLUMNS, as_json=as_json)
    if rows:
        raise typer.Exit(1)


def _decide(data: Path, unit: str, kind: str, hours: str, *, approve: bool) -> None:
    client = connect(data)
    if not hours:
        proposed = client.get("/api/v1/hours/proposals")
        found = [one["hours"] for one in proposed if (one["unit"], one["kind"]) == (unit, kind)]
        if not found:
            named = " ".join((unit, kind)).strip()
            fail(say("no hours are proposed for {named}; give --hours", named=named), code=1)
        hours = found[0]
    body = {"unit": unit, "kind": kind, "hours": hours, "approve": approve}
    answer = client.post("/api/v1/hours", body)
    typer.echo(answer["hours"])
