"""`wanwatch agents`: who reports, who waits, who is missing; letting keys in and out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from collector import app as composition
from collector import settings, starter
from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say

COLUMNS = {
    "unit": "UNIT",
    "host": "HOST",
    "kind": "KIND",
    "standing": "KEY",
    "liveness": "LIVENESS",
    "last_report_at": "LAST REPORT",
    "lost_reports": "LOST",
    "id": "AGENT",
}
MISSING_COLUMNS = {
    "unit": "UNIT",
    "unit_name": "NAME",
    "host": "HOST",
    "kind": "KIND",
    "enrolled_at": "ENROLLED",
    "agent": "AGENT",
}
UNKNOWN_COLUMNS = {
    "agent": "AGENT",
    "address": "ADDRESS",
    "knocks": "KNOCKS",
    "first_at": "FIRST",
    "last_at": "LAST",
    "host": "REVOKED HOST",
    "unit": "UNIT",
}
LOG_COLUMNS = {
    "at": "AT",
    "what": "WHAT",
    "agent": "AGENT",
    "unit": "UNIT",
    "host": "HOST",
    "token": "TOKEN",
    "address": "ADDRESS",
    "actor": "WHO",
    "detail": "DETAIL",
}
MAX_CHOSEN = 500
NAMES_IN_DOUBT = ("name_taken", "name_alike")
Standing = Literal["approved", "pending", "quarantined", "revoked"]
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Such as a-0123456789abcdef.")]
command = typer.Typer(
    help="List the agents; let keys in, out, and in again.", invoke_without_command=True
)


@command.callback()
def list_agents(
    context: typer.Context,
    data: Data = Path("var"),
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    standing: Annotated[Standing | None, typer.Option(help="Only keys of this standing.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the agents; exit code 1 when one that must report is silent or quarantined."""
    if context.invoked_subcommand:
        return
    found = connect(data).get("/api/v1/agents", unit=unit, standing=standing)["items"]
    show(found, COLUMNS, as_json=as_json)
    if any(map(_is_bad, found)):
        raise typer.Exit(1)


def _is_bad(agent: dict[str, Any]) -> bool:
    is_away = agent["standing"] == "approved" and agent["liveness"] in {"silent", "never"}
    return is_away or agent["standing"] == "quarantined"


@command.command("missing")
def list_missing(
    data: Data = Path("var"),
    unit: Annotated[str | None, typer.Option(help="Only this unit's code.")] = None,
    as_json: AsJson = False,
) -> None:
    """List hosts of the inventory that never reported; exit code 1 when there is one."""
    found = connect(data).get("/api/v1/agents/missing", unit=unit)
    show(found, MISSING_COLUMNS, as_json=as_json)
    if found:
        raise typer.Exit(1)


@command.command("unknown")
def list_unknown(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List keys that knock and are not let in; exit code 1 when there is one."""
    found = connect(data).get("/api/v1/agents/unknown")
    show(found, UNKNOWN_COLUMNS, as_json=as_json)
    if found:
        raise typer.Exit(1)


@command.command("log")
def show_log(
    data: Data = Path("var"),
    agent: Annotated[str | None, typer.Option(help="Only this agent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened to keys and tokens, the newest first."""
    show(connect(data).get("/api/v1/agents/log", agent=agent), LOG_COLUMNS, as_json=as_json)


@command.command("approve")
def approve(
    agents: Annotated[list[str] | None, typer.Argument(metavar="[AGENT]…")] = None,
    unit: Annotated[
        str | None, typer.Option(help="All that wait in this unit, except names in doubt.")
    ] = None,
    data: Data = Path("var"),
) -> None:
    """Let keys in that wait; a key that held the same host before is revoked.

    A key whose name is another's, or looks like it, must be named itself.
    """
    if bool(agents) == bool(unit):
        fail(say("name the agents, or a unit with --unit"), code=2)
    client = connect(data)
    if unit:
        query = {"unit": unit, "standing": "pending", "limit": MAX_CHOSEN}
        waiting = client.get("/api/v1/agents", **query)["items"]
        agents = [row["id"] for row in waiting if row["doubt"] not in NAMES_IN_DOUBT]
        if left := [row["id"] for row in waiting if row["doubt"] in NAMES_IN_DOUBT]:
            typer.echo(
                say("name these themselves, their hosts' names are in doubt: {left}", left=left),
                err=True,
            )
    approved = (
        client.post("/api/v1/agents/approve", {"agents": agents})["approved"] if agents else []
    )
    for agent in approved:
        typer.echo(agent)
    if not approved:
        fail(
            say("nothing waits for approval there; see `wanwatch agents --standing pending`"),
            code=1,
        )


@command.command("revoke")
def revoke(
    agent: Agent,
    reason: Annotated[str, typer.Option(help="For the log.")] = "",
    data: Data = Path("var"),
) -> None:
    """Revoke a key: its next request is from nobody."""
    connect(data).post(f"/api/v1/agents/{agent}/revoke", {"reason": reason})
    typer.echo(
        say(
            "{agent} is revoked; its host needs a new key (`wanwatch-agent enrol --new-key`)",
            agent=agent,
        )
    )


@command.command("reattach")
def reattach(agent: Agent, data: Data = Path("var")) -> None:
    """End a key's quarantine: the next machine that comes with it is its holder."""
    answer = connect(data).post(f"/api/v1/agents/{agent}/reattach")
    if not answer["was_quarantined"]:
        fail(say("{agent} is not quarantined; nothing was changed", agent=agent), code=1)
    typer.echo(say("{agent} is attached again; what it kept arrives within a minute", agent=agent))


@command.command("add")
def add(
    host: Annotated[str, typer.Option(help="Name of the host.")],
    unit: Annotated[str, typer.Option(help="Identifier code of its unit.")],
    public_key: Annotated[str, typer.Option(help="As `wanwatch-agent identity` prints it.")],
    kind: Annotated[str, typer.Option(help="server, workstation, network, conference, shared")] = (
        "server"
    ),
    interval_seconds: Annotated[
        int, typer.Option(min=1, max=3600, help="How often it reports.")
    ] = 10,
    data: Data = Path("var"),
    policy: Annotated[Path | None, typer.Option(help="Policy directory [DATA/policy].")] = None,
) -> None:
    """Let an agent report for a unit; a running collector knows it within seconds."""
    try:
        config = settings.load(None, os.environ, {"data": data.absolute(), "policy": policy})
        agent = starter.add_agent(
            config,
            host=host,
            unit=unit,
            kind=kind,
            public_key=public_key,
            interval_seconds=interval_seconds,
            now=composition.now(),
        )
    except (settings.SettingsError, starter.StartError) as error:
        fail(str(error), code=2)
    typer.echo(agent)
