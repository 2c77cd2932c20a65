"""`wanwatch phone`: relays beside a modem, and the replies that came in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.cli.words import say

RELAYS = {
    "name": "RELAY",
    "last_seen_at": "LAST MESSAGE",
    "created_at": "SINCE",
    "created_by": "BY",
}
MESSAGES = {
    "received_at": "AT",
    "number": "NUMBER",
    "person": "PERSON",
    "text": "TEXT",
    "outcome": "OUTCOME",
    "incident": "INCIDENT",
    "answer": "ANSWER",
}
command = typer.Typer(help="Relays beside a modem, and replies by telephone.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The relay's name.")]


@command.command("add")
def add(name: Name, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Let a relay hand replies over and print its token, once: it is stored nowhere."""
    made = connect(data).post("/api/v1/phone/relays", {"name": name})
    typer.echo(json.dumps(made, ensure_ascii=False) if as_json else made["token"])


@command.command("list")
def list_relays(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the relays that may hand replies over."""
    show(connect(data).get("/api/v1/phone/relays"), RELAYS, as_json=as_json)


@command.command("revoke")
def revoke(name: Name, data: Data = Path("var")) -> None:
    """Take nothing more from a relay."""
    connect(data).post(f"/api/v1/phone/relays/{name}/revoke")
    typer.echo(say("nothing more is taken from {name}", name=name))


@command.command("log")
def log(
    data: Data = Path("var"),
    as_json: AsJson = False,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 50,
) -> None:
    """List what came in by telephone, the newest first, with what became of it."""
    found = connect(data).get("/api/v1/phone/log", limit=limit, refused=refused)
    show(found, MESSAGES, as_json=as_json)
