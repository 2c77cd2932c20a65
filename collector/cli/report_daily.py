"""`wanwatch report daily`, `wanwatch report data`: the day, and the tables of a period."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail
from collector.cli.words import say

GOOD = "Tốt"
Day = Annotated[str, typer.Option("--date", help="The day, 2026-11-26; today unless said.")]
To = Annotated[Path | None, typer.Option("--to", help="Save it here: NAME.pdf or NAME.docx.")]
Layout = Annotated[str, typer.Option(help="party or state; the usual one unless said.")]


def daily(
    data: Data = Path("var"), day: Day = "", to: To = None, layout: Layout = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the report of a day, or save it for print; exit code 1 when not all is well."""
    client = connect(data)
    found = client.get("/api/v1/daily", day=day or None)
    if to is not None:
        form = to.suffix.removeprefix(".")
        if form not in ("pdf", "docx"):
            fail(say("--to {to}: the name must end in .pdf or .docx", to=to), code=2)
        asked = f"?layout={layout}" if layout else ""
        client.download(f"/api/v1/daily/{found['day']}.{form}{asked}", to, "GET")
        typer.echo(str(to))
    elif as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        typer.echo(found["sentence"])
        for one in found["lists"]:
            typer.echo(f"\n{one['title']}: {one['counted']}")
            for row in one["rows"]:
                typer.echo("  " + " | ".join(filter(None, row)))
    if found["standing"] != GOOD:
        raise typer.Exit(1)


def tables(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026-11, 2026-H2 or 2026.")],
    to: Annotated[Path, typer.Option("--to", help="The zip to write.")],
    data: Data = Path("var"),
) -> None:
    """Save the tables that the report of a period is counted from, as CSV files in a zip."""
    connect(data).download(f"/api/v1/periods/{period}/data.zip", to, "GET")
    typer.echo(str(to))
