"""`wanwatch alerts`: what is firing now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "severity": "SEVERITY",
    "rule": "RULE",
    "unit": "UNIT",
    "host": "HOST",
    "value": "VALUE",
    "started_at": "SINCE",
    "outcome": "OUTCOME",
    "suppressed": "NOT TOLD",
    "summary_vi": "SUMMARY",
}


def alerts(
    data: Data = Path("var"),
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Also resolved ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """List alerts, firing first; exit code 1 when a critical one fires and is told."""
    state = None if resolved else "firing"
    found = connect(data).get("/api/v1/alerts", unit=unit, state=state)["items"]
    show(found, COLUMNS, as_json=as_json)
    if any(
        a["severity"] == "critical" and not a["resolved_at"] and not a["suppressed"] for a in found
    ):
        raise typer.Exit(1)
