"""`wanwatch user`: who has a password here, and what to do when one is lost."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say

ACCOUNTS = {
    "name": "NAME",
    "second_factor": "CODES",
    "must_change": "MUST CHANGE",
    "password_at": "PASSWORD SINCE",
    "disabled_at": "DISABLED",
    "created_by": "ADDED BY",
}
SESSIONS = {
    "id": "SESSION",
    "address": "ADDRESS",
    "created_at": "SINCE",
    "seen_at": "LAST USED",
    "expires_at": "UNTIL",
    "browser": "BROWSER",
}
LOG_INS = {
    "last_at": "WHEN",
    "name": "NAME",
    "result": "RESULT",
    "count": "TIMES",
    "way": "WAY",
    "address": "ADDRESS",
}
command = typer.Typer(help="People who log in with a password.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="As in people.yaml.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", help="Read the password's one line from this file; - is standard input."
    ),
]


@command.command("add")
def add(name: Name, password_file: PasswordFile = None, data: Data = Path("var")) -> None:
    """Give somebody a password, which they have to change at the first log-in."""
    body = {"name": name, "password": _password(password_file)}
    made = connect(data).post("/api/v1/accounts", body)
    typer.echo(say("{name} may log in, and must choose another password then", name=made["name"]))


@command.command("list")
def list_accounts(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List who has a password."""
    show(connect(data).get("/api/v1/accounts"), ACCOUNTS, as_json=as_json)


@command.command("password")
def password(name: Name, password_file: PasswordFile = None, data: Data = Path("var")) -> None:
    """Give somebody a new password, to be changed at the next log-in; their sessions end."""
    body = {"password": _password(password_file)}
    connect(data).post(f"{_path(name)}/password", body)
    typer.echo(say("{name} has a new password, to be changed at the next log-in", name=name))


@command.command("totp")
def totp(
    name: Name,
    reset: Annotated[
        bool, typer.Option("--reset", help="Ask for no codes: the device is lost.")
    ] = False,
    data: Data = Path("var"),
) -> None:
    """Turn off the one-time codes of somebody who lost the device that makes them."""
    if not reset:
        fail(
            say("codes are turned on by their owner, on the page /account; --reset turns them off"),
            code=2,
        )
    connect(data).post(f"{_path(name)}/totp/reset")
    typer.echo(say("{name} is asked for no codes; their sessions ended", name=name))


@command.command("disable")
def disable(name: Name, data: Data = Path("var")) -> None:
    """Let somebody in no more; their sessions end at once."""
    connect(data).post(f"{_path(name)}/disable")
    typer.echo(say("{name} may not log in any more", name=name))


@command.command("enable")
def enable(name: Name, data: Data = Path("var")) -> None:
    """Let somebody in again."""
    connect(data).post(f"{_path(name)}/enable")
    typer.echo(say("{name} may log in", name=name))


@command.command("sessions")
def sessions(name: Name, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List somebody's open sessions."""
    show(connect(data).get(f"{_path(name)}/sessions"), SESSIONS, as_json=as_json)


@command.command("end")
def end(
    name: Name,
    session: Annotated[str, typer.Argument(help="One session; all of them unless said.")] = "",
    data: Data = Path("var"),
) -> None:
    """End somebody's sessions."""
    which = f"/{quote(session, safe='')}" if session else ""
    ended = connect(data).post(f"{_path(name)}/sessions{which}/end")["ended"]
    typer.echo(say("{ended} sessions of {name} ended", ended=ended, name=name))


@command.command("log-ins")
def log_ins(
    name: Annotated[str | None, typer.Argument(help="One person; all unless said.")] = None,
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """List who logged in and who tried to, the newest first."""
    found = connect(data).get("/api/v1/log-ins", name=name)
    show(found["items"], LOG_INS, as_json=as_json)


def _path(name: str) -> str:
    return f"/api/v1/accounts/{quote(name, safe='')}"


def _password(file: Path | None) -> str:
    """Return a password that no process list and no history of a shell shows."""
    if file is None:
        if not sys.stdin.isatty():
            fail(say("no terminal to ask on: give the password with --password-file"), code=2)
        given = getpass.getpass("Password: ")
        if given != getpass.getpass("Again: "):
            fail(say("the two passwords differ"), code=2)
        return given
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(say("{file}: cannot be read: {error}", file=file, error=error), code=2)
    return text.rstrip("\r\n")
