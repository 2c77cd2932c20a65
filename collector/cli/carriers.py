"""`wanwatch carriers` and `incident carrier`: what carriers are told, promise and keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "carrier": "CARRIER",
    "reports": "REPORTS",
    "promised": "PROMISED",
    "kept": "KEPT",
    "broken": "BROKEN",
    "late_minutes": "MINUTES LATE",
    "mean_minutes": "MINUTES UNTIL BACK",
}


def carriers(
    data: Data = Path("var"),
    month: Annotated[str, typer.Option(help="2026-11; this one unless said.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what carriers promised in a month and what they kept; exit code 1 when one did not."""
    found = connect(data).get("/api/v1/carriers", month=month)
    if as_json:
        show([found], {}, as_json=True)
    else:
        rows = [
            {
                **one,
                "late_minutes": round(one["late_seconds"] / 60),
                "mean_minutes": "" if (mean := one["mean_seconds"]) is None else round(mean / 60),
            }
            for one in found["carriers"]
        ]
        show(rows, COLUMNS, as_json=False)
    if any(one["broken"] for one in found["carriers"]):
        raise typer.Exit(1)


def slip(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as SC26-0001.")],
    data: Data = Path("var"),
    language: Annotated[str, typer.Option(help="vi or en.")] = "vi",
    as_json: AsJson = False,
) -> None:
    """Show the text that reports the line of an incident to its carrier."""
    found = connect(data).get(f"/api/v1/incidents/{code}/carrier")
    if as_json:
        show([found], {}, as_json=True)
    else:
        typer.echo(found["text_en" if language == "en" else "text_vi"], nl=False)
