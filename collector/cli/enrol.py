"""`wanwatch enrol`: tokens that let machines in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from collector.rules.expression import parse_duration

COLUMNS = {
    "id": "TOKEN",
    "unit": "UNIT",
    "unit_name": "NAME",
    "kind": "KIND",
    "host": "HOST",
    "used": "USED",
    "uses": "OF",
    "expires_at": "UNTIL",
    "created_by": "BY",
    "revoked_at": "REVOKED",
}
command = typer.Typer(help="Let machines in: one-time tokens.", no_args_is_help=True)


@command.command("token")
def make_token(
    unit: Annotated[str, typer.Option(help="Identifier code of the unit.")],
    kind: Annotated[str, typer.Option(help="server, workstation, network, conference, shared")] = (
        "server"
    ),
    host: Annotated[str, typer.Option(help="For this host alone; it needs no approval.")] = "",
    presence: Annotated[
        str, typer.Option(help="always, working_hours, sometimes; without it as its kind.")
    ] = "",
    interval_seconds: Annotated[
        int, typer.Option(min=1, max=3600, help="How often the hosts report.")
    ] = 10,
    uses: Annotated[int, typer.Option(min=1, max=500, help="How many hosts it lets in.")] = 1,
    expires: Annotated[str, typer.Option(help="How long it is good: 30m, 24h, 3d.")] = "24h",
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Print a token, once: it is stored nowhere."""
    try:
        seconds = parse_duration(expires)
    except ValueError as error:
        fail(say("--expires {expires!r}: {error}", expires=expires, error=error), code=2)
    asked: dict[str, Any] = {
        "unit": unit,
        "kind": kind,
        "host": host,
        "presence": presence,
        "interval_seconds": interval_seconds,
        "uses": uses,
        "expires_in_seconds": int(seconds),
    }
    made = connect(data).post("/api/v1/enrolment-tokens", asked)
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else made["token"])


@command.command("list")
def list_tokens(
    data: Data = Path("var"),
    everything: Annotated[bool, typer.Option("--all", help="Also what cannot be used.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the tokens that can still be used."""
    query = {"everything": "true"} if everything else {}
    show(connect(data).get("/api/v1/enrolment-tokens", **query), COLUMNS, as_json=as_json)


@command.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, such as t-0123abcd.")],
    data: Data = Path("var"),
) -> None:
    """Revoke a token; machines that it let in stay."""
    connect(data).post(f"/api/v1/enrolment-tokens/{token}/revoke")
    typer.echo(say("{token} is revoked", token=token))
