"""`wanwatch watcher`: the second machines that this collector expects to be watched by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.cli.words import say

COLUMNS = {
    "name": "WATCHER",
    "unit": "UNIT",
    "unit_name": "NAME",
    "last_seen_at": "LAST ASKED",
    "created_at": "SINCE",
    "created_by": "BY",
}
command = typer.Typer(help="Second machines that watch this collector.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The machine's name.")]


@command.command("add")
def add(
    name: Name,
    unit: Annotated[str, typer.Option(help="The unit where it stands.")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Expect a watcher and print its token, once: it is stored nowhere."""
    made = connect(data).post("/api/v1/watchers", {"name": name, "unit": unit})
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else made["token"])


@command.command("list")
def list_watchers(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the watchers that are expected to ask."""
    show(connect(data).get("/api/v1/watchers"), COLUMNS, as_json=as_json)


@command.command("revoke")
def revoke(name: Name, data: Data = Path("var")) -> None:
    """Expect a watcher no longer."""
    connect(data).post(f"/api/v1/watchers/{name}/revoke")
    typer.echo(say("{name} is no longer expected", name=name))
