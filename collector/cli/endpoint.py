"""`wanwatch endpoint`: how video-conference devices and other measured targets are now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "standing": "STANDING",
    "name": "NAME",
    "unit": "UNIT",
    "reachable": "ANSWERS",
    "activity": "DOES",
    "registered": "REGISTERED",
    "loss": "LOSS",
    "jitter": "JITTER",
    "seen_at": "SEEN",
    "label_vi": "WHAT",
}
FIGURES = {"of": "OF", "what": "WHAT", "value": "VALUE", "at": "AT", "is_fresh": "FRESH"}
NOTHING = "no data"

command = typer.Typer(help="Video-conference devices and other measured targets.")


@command.command("list")
def list_(
    data: Data = Path("var"),
    kind: Annotated[
        str, typer.Option(help="conference, network or shared; all for every one.")
    ] = "conference",
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    region: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    as_json: AsJson = False,
) -> None:
    """List endpoints, the worst first; exit code 1 when one is critical."""
    client = connect(data)
    chosen = ["conference", "network", "shared"] if kind == "all" else [kind]
    found = [
        one
        for kind in chosen
        for one in client.get("/api/v1/endpoints", kind=kind, unit=unit, region=region)
    ]
    show(found if as_json else [_line(one) for one in found], COLUMNS, as_json=as_json)
    if any(one["standing"] == "critical" for one in found):
        raise typer.Exit(1)


@command.command("show")
def show_one(
    name: Annotated[str, typer.Argument(help="Its name in targets.yaml.")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show every figure of one endpoint with its instant; exit code 1 when it is critical."""
    found = connect(data).get(f"/api/v1/endpoints/{name}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show([_line(found)], COLUMNS, as_json=False)
        show(list(figures_of(found["state"])), FIGURES, as_json=False)
    if found["standing"] == "critical":
        raise typer.Exit(1)


def _line(one: dict[str, Any]) -> dict[str, Any]:
    """Return an endpoint as a row; what is not known says so and is no dash."""
    loss, jitter = one["worst_lost_ratio"], one["worst_jitter_seconds"]
    return {
        **one,
        "reachable": NOTHING if one["is_reachable"] is None else one["is_reachable"],
        "activity": one["activity"] or NOTHING,
        "registered": [
            f"{protocol}: {NOTHING if good is None else 'yes' if good else 'no'}"
            for protocol, good in one["registered"].items()
        ],
        "loss": None if loss is None else f"{loss * 100:.2f} %",
        "jitter": None if jitter is None else f"{jitter * 1000:.1f} ms",
    }


def figures_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all figures of a state as rows: of what, which, its value, instant and freshness."""
    rows: list[dict[str, Any]] = []

    def add(of: str, what: str, figure: dict[str, Any]) -> None:
        rows.append({"of": of, "what": what, **figure})

    for what, figure in state["figures"].items():
        add("device", what, figure)
    for what, figure in state["registered"].items():
        add("registration", what, figure)
    for what, figure in state["zones"].items():
        add("zone", what, figure)
    for part in state["parts"]:
        add(part["kind"], part["name"], part["is_working"])
    for call in state["calls"]:
        for what, figure in call["figures"].items():
            add(f"call {call['key']}", what, figure)
        for stream in call["streams"]:
            for what, figure in stream["figures"].items():
                add(f"call {call['key']} {stream['media']} {stream['direction']}", what, figure)
    for what, figure in state["last_call"].items():
        add("last call", what, figure)
    for answered in state["probes"]:
        add("probe", answered["probe"], answered["code"])
    for direction, figures in state["path"].items():
        for what, figure in figures.items():
            add(f"path {direction}".strip(), what, figure)
    return rows
