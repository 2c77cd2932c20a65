"""`wanwatch source`: programs that are not ours and whose samples or alerts are taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.cli.words import say

COLUMNS = {
    "name": "SOURCE",
    "unit": "UNIT",
    "unit_name": "NAME",
    "kinds": "BRINGS",
    "host_kind": "HOSTS ARE",
    "interval_seconds": "EVERY S",
    "last_seen_at": "LAST HEARD",
    "created_by": "BY",
}
ROTATED = "this is the new token; the one before is good until {until}"
command = typer.Typer(
    help="Programs whose samples or alerts are taken: Prometheus, Alertmanager, Grafana, vmagent.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the source is called.")]


@command.command("add")
def add(
    name: Name,
    unit: Annotated[
        str, typer.Option(help="The unit that everything it brings is of; samples need one.")
    ] = "",
    samples: Annotated[bool, typer.Option("--samples", help="It brings samples alone.")] = False,
    alerts: Annotated[bool, typer.Option("--alerts", help="It brings alerts alone.")] = False,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="It reads /metrics and the list of agents to scrape.")
    ] = False,
    kind: Annotated[str, typer.Option(help="Kind of the hosts that its samples bring.")] = "server",
    interval: Annotated[int, typer.Option(help="Seconds between two samples of a host.")] = 60,
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Take samples and alerts of a source and print its token, once: it is stored nowhere.

    Without --samples, --alerts or --metrics it may bring both, and alerts alone without a unit.
    """
    asked = (("samples", samples), ("alerts", alerts), ("metrics", metrics))
    wanted = [word for word, is_on in asked if is_on]
    kinds = wanted or (["samples", "alerts"] if unit else ["alerts"])
    body = {
        "name": name, "unit": unit or None, "kinds": kinds, "host_kind": kind,
        "interval_seconds": interval,
    }  # fmt: skip
    made = connect(data).post("/api/v1/sources", body)
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else made["token"])


@command.command("list")
def list_sources(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the sources that are not revoked."""
    rows = connect(data).get("/api/v1/sources")
    if not as_json:
        rows = [{**row, "kinds": " ".join(row["kinds"])} for row in rows]
    show(rows, COLUMNS, as_json=as_json)


@command.command("rotate")
def rotate(name: Name, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Print another token for a source; the one before is good for a day."""
    made = connect(data).post(f"/api/v1/sources/{name}/rotate")
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else made["token"])
    if not as_json:
        typer.echo(ROTATED.format(until=made["previous_until"]), err=True)


@command.command("revoke")
def revoke(name: Name, data: Data = Path("var")) -> None:
    """Take nothing more from a source."""
    connect(data).post(f"/api/v1/sources/{name}/revoke")
    typer.echo(say("nothing more is taken from {name}", name=name))
