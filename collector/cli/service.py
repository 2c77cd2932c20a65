"""`wanwatch service`: how the shared systems are."""

from __future__ import annotations

from pathlib import Path

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "name": "SERVICE",
    "state": "STATE",
    "vi": "NAME",
    "owner": "OWNER",
    "hours": "HOURS",
    "why": "WHY",
}
command = typer.Typer(help="How the shared systems are.", no_args_is_help=True)


@command.callback()
def services() -> None:
    """How the shared systems are."""


@command.command("list")
def list_services(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the shared systems and how each is; exit code 1 when one is down or degraded."""
    rows = connect(data).get("/api/v1/services")
    told = [row | {"why": _why(row)} for row in rows]
    show(rows if as_json else told, COLUMNS, as_json=as_json)
    if any(row["state"] in ("down", "degraded") for row in rows):
        raise typer.Exit(1)


def _why(row: dict[str, object]) -> str:
    because, checks = row["because"], row["checks"]
    assert isinstance(because, list)
    assert isinstance(checks, list)
    said = [str(name) for name in because]
    said += [f"{one['target']}: {one['answer'] or one['state']}" for one in checks]
    return ", ".join(said) or str(row["not_measured"])
