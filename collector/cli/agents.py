"""`wanwatch agents`: who reports, and adding a host by its public key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from collector import app as composition
from collector import settings, starter
from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show

COLUMNS = {
    "unit": "UNIT",
    "host": "HOST",
    "kind": "KIND",
    "liveness": "LIVENESS",
    "last_report_at": "LAST REPORT",
    "lost_reports": "LOST",
    "id": "AGENT",
}
command = typer.Typer(help="List the agents, or add one.", invoke_without_command=True)


@command.callback()
def list_agents(
    context: typer.Context,
    data: Data = Path("var"),
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the agents; exit code 1 when one that must report is silent."""
    if context.invoked_subcommand:
        return
    found = connect(data).get("/api/v1/agents", unit=unit)["items"]
    show(found, COLUMNS, as_json=as_json)
    if any(agent["liveness"] in {"silent", "never"} for agent in found):
        raise typer.Exit(1)


@command.command("add")
def add(
    host: Annotated[str, typer.Option(help="Name of the host.")],
    unit: Annotated[str, typer.Option(help="Identifier code of its unit.")],
    public_key: Annotated[str, typer.Option(help="As `wanwatch-agent identity` prints it.")],
    kind: Annotated[str, typer.Option(help="server, workstation, network, conference, shared")] = (
        "server"
    ),
    data: Data = Path("var"),
    policy: Annotated[Path | None, typer.Option(help="Policy directory [DATA/policy].")] = None,
) -> None:
    """Let an agent report for a unit; a running collector knows it within seconds."""
    try:
        config = settings.load(None, os.environ, {"data": data.absolute(), "policy": policy})
        agent = starter.add_agent(
            config, host=host, unit=unit, kind=kind, public_key=public_key, now=composition.now()
        )
    except (settings.SettingsError, starter.StartError) as error:
        fail(str(error), code=2)
    typer.echo(agent)
