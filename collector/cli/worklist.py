"""`wanwatch worklist`: what is to be put right without a clock, per unit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.cli.words import say

COLUMNS = {
    "id": "ID",
    "unit": "UNIT",
    "host": "HOST",
    "rule": "RULE",
    "severity": "SEVERITY",
    "value": "VALUE",
    "started_at": "SINCE",
    "summary_vi": "SUMMARY",
}


def worklist(
    data: Data = Path("var"),
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    promote: Annotated[
        int | None, typer.Option(metavar="ID", help="Make this line an incident.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the lines of the worklist, or promote one to an incident."""
    client = connect(data)
    if promote is not None:
        answer = client.post(f"/api/v1/worklist/{promote}/promote")
        typer.echo(say("incident {incident}", incident=answer["incident"]))
        return
    show(client.get("/api/v1/worklist", unit=unit)["items"], COLUMNS, as_json=as_json)
