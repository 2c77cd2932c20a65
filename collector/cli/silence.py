"""`wanwatch silence`: keep alerts from being told for a while, list and end that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Client, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from collector.rules.expression import parse_duration

COLUMNS = {
    "id": "ID",
    "unit": "UNIT",
    "host": "HOST",
    "rule": "RULE",
    "alerts": "ALERTS",
    "ends_at": "UNTIL",
    "ended_at": "ENDED",
    "created_by": "BY",
    "reason": "REASON",
}
Host = Annotated[str, typer.Option(help="Name of a host, with --unit where several have it.")]
Agent = Annotated[str, typer.Option(help="An agent, unit:CODE or target:NAME.")]
Unit = Annotated[str, typer.Option(help="Identifier code of a unit.")]
Rule = Annotated[str, typer.Option(help="Name of a rule.")]
Reason = Annotated[str, typer.Option(help="Why; people read it on each alert.")]
Everything = Annotated[bool, typer.Option("--all", help="Also those that are over.")]
Number = Annotated[int, typer.Argument(metavar="ID")]
command = typer.Typer(help="Keep alerts from being told for a while.", no_args_is_help=True)


@command.command("add")
def add(
    reason: Reason,
    data: Data = Path("var"),
    host: Host = "",
    agent: Agent = "",
    unit: Unit = "",
    rule: Rule = "",
    duration: Annotated[str, typer.Option("--for", help="Such as 30m, 2h; at most 7d.")] = "2h",
) -> None:
    """Silence a host, a unit or a rule; all that is given must match. An S1 is still told."""
    client = connect(data)
    scope = scope_of(client, host=host, agent=agent, unit=unit, rule=rule)
    answer = client.post(
        "/api/v1/silences", {**scope, "reason": reason, "minutes": minutes_of(duration)}
    )
    typer.echo(str(answer["id"]))


@command.command("list")
def list_silences(
    data: Data = Path("var"), everything: Everything = False, as_json: AsJson = False
) -> None:
    """List the silences that hold, the newest first."""
    state = "all" if everything else "current"
    show(connect(data).get("/api/v1/silences", state=state)["items"], COLUMNS, as_json=as_json)


@command.command("expire")
def expire(number: Number, data: Data = Path("var")) -> None:
    """End a silence before its time; what it covers is told."""
    answer = connect(data).post(f"/api/v1/silences/{number}/expire")
    typer.echo(say("ended") if answer["ended"] else say("it was over already"))


def scope_of(client: Client, *, host: str, agent: str, unit: str, rule: str) -> dict[str, Any]:
    """Return what a silence or window covers; a host is found by its name."""
    if host and agent:
        fail(say("give --host or --agent, not both"), code=2)
    if not host:
        return {"agent": agent, "unit": unit, "rule": rule}
    found = client.get("/api/v1/agents", q=host, unit=unit or None)["items"]
    named = [one["id"] for one in found if one["host"] == host]
    if len(named) != 1:
        listed = ", ".join(f"{one['unit']} {one['id']}" for one in found if one["host"] == host)
        fail(
            say(
                "--host {host!r}: {named} hosts have this name ({listed})",
                host=host,
                named=len(named),
                listed=listed or say("none"),
            ),
            code=2,
        )
    return {"agent": named[0], "unit": unit, "rule": rule}


def minutes_of(duration: str) -> int:
    """Return a duration in whole minutes, at least one."""
    try:
        return max(1, round(parse_duration(duration) / 60))
    except ValueError as error:
        fail(say("--for: {error}", error=error), code=2)
