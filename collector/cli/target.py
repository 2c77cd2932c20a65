"""`wanwatch target`: devices, lines, endpoints and services, and what agents measure of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "standing": "STANDING",
    "name": "NAME",
    "label_vi": "LABEL",
    "kind": "KIND",
    "unit": "UNIT",
    "address": "ADDRESS",
    "measured_by": "MEASURED BY",
}
VALUE_COLUMNS = {
    "metric": "METRIC",
    "labels": "LABELS",
    "value": "VALUE",
    "age_seconds": "AGE (S)",
    "is_old": "OLD",
}
command = typer.Typer(help="Devices, lines, endpoints and services.", no_args_is_help=True)


@command.command("list")
def list_targets(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List them, the worst first; exit code 1 when one of them is critical."""
    found = connect(data).get("/api/v1/targets")
    show(found, COLUMNS, as_json=as_json)
    if any(one["standing"] == "critical" for one in found):
        raise typer.Exit(1)


@command.command("show")
def show_target(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in targets.yaml.")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show every value of one of them and its age; exit code 1 when it is critical."""
    found = connect(data).get(f"/api/v1/targets/{quote(name, safe='')}")
    if as_json:
        show(found, COLUMNS, as_json=True)
    else:
        show([found], COLUMNS, as_json=False)
        show([_flat(value) for value in found["values"]], VALUE_COLUMNS, as_json=False)
    if found["standing"] == "critical":
        raise typer.Exit(1)


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    labels = ",".join(f"{name}={text}" for name, text in value["labels"].items())
    return {**value, "labels": labels}
