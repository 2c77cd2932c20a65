"""`wanwatch maintenance`: plan work, once or week after week; list it and take it back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.silence import (
    Agent,
    Everything,
    Host,
    Number,
    Reason,
    Rule,
    Unit,
    scope_of,
)
from collector.cli.words import say
from incidents.vietnamese import ZONE

COLUMNS = {
    "id": "ID",
    "unit": "UNIT",
    "host": "HOST",
    "agent": "AGENT",
    "rule": "RULE",
    "starts_at": "FROM",
    "ends_at": "UNTIL",
    "weekly": "WEEKLY",
    "owner": "OWNER",
    "alerts": "ALERTS",
    "ended_at": "ENDED",
    "reason": "REASON",
}
REPORT_COLUMNS = {
    "rule": "STILL BROKEN",
    "unit": "UNIT",
    "host": "HOST",
    "severity": "SEVERITY",
    "summary_vi": "SUMMARY",
}
command = typer.Typer(help="Plan work during which nobody is paged.", no_args_is_help=True)


@command.command("add")
def add(
    reason: Reason,
    owner: Annotated[str, typer.Option(help="Who answers for it; told at its end.")],
    start: Annotated[str, typer.Option("--from", help="Local time: 2026-11-28 22:00.")],
    until: Annotated[str, typer.Option(help="Local time; of a series its last day.")],
    data: Data = Path("var"),
    host: Host = "",
    agent: Agent = "",
    unit: Unit = "",
    rule: Rule = "",
    weekly: Annotated[
        str, typer.Option(help="Week after week: 'T7 22:00-24:00; CN 00:00-02:00'.")
    ] = "",
    despite_session: Annotated[
        bool, typer.Option(help="Also in a session or peak period of which is only warned.")
    ] = False,
) -> None:
    """Plan work on a host, a unit, a target or a rule; what hangs under it is covered, too."""
    client = connect(data)
    body = {
        **scope_of(client, host=host, agent=agent, unit=unit, rule=rule),
        "reason": reason,
        "owner": owner,
        "starts_at": _instant("--from", start),
        "ends_at": _instant("--until", until),
        "weekly": weekly,
        "despite_session": despite_session,
    }
    typer.echo(str(client.post("/api/v1/maintenance", body)["id"]))


@command.command("list")
def list_windows(
    data: Data = Path("var"), everything: Everything = False, as_json: AsJson = False
) -> None:
    """List the windows that hold or will, the newest first."""
    state = "all" if everything else "current"
    show(connect(data).get("/api/v1/maintenance", state=state)["items"], COLUMNS, as_json=as_json)


@command.command("remove")
def remove(number: Number, data: Data = Path("var")) -> None:
    """Take a window back, or end it before its time."""
    answer = connect(data).post(f"/api/v1/maintenance/{number}/remove")
    typer.echo(say("ended") if answer["ended"] else say("it was over already"))


@command.command("report")
def report(number: Number, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show what was still broken when a window last ended; exit code 1 when something was."""
    found = connect(data).get(f"/api/v1/maintenance/{number}/reports")
    items = found[0]["items"] if found else []
    show(items, REPORT_COLUMNS, as_json=as_json)
    if items:
        raise typer.Exit(1)


def _instant(option: str, text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(
            say("{option} {text!r}: write it like '2026-11-28 22:00'", option=option, text=text),
            code=2,
        )
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).isoformat()
