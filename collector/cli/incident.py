"""`wanwatch incident`: list, show, acknowledge, note, move, close."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show

COLUMNS = {
    "code": "CODE",
    "severity": "SEVERITY",
    "stage": "STAGE",
    "unit": "UNIT",
    "title": "TITLE",
    "detected_at": "DETECTED",
    "acknowledged_at": "ACKNOWLEDGED",
    "recovered_at": "RECOVERED",
}
CHILD_COLUMNS = {
    "unit": "EXPLAINS: UNIT",
    "host": "HOST",
    "rule": "RULE",
    "started_at": "SINCE",
    "resolved_at": "UNTIL",
    "incident": "OWN INCIDENT",
}
ENTRY_COLUMNS = {"seq": "#", "at": "AT", "actor": "WHO", "kind": "WHAT", "text": "TEXT"}
DEADLINE_COLUMNS = {
    "code": "DEADLINE",
    "state": "STATE",
    "due_at": "DUE",
    "met_at": "DONE",
    "late": "LATE",
    "who": "WHO",
    "mark": "MARK",
    "confirmed": "CONFIRMED",
    "name_vi": "NAME",
}
OVERDUE = "qua_han"
ACTION_COLUMNS = {
    "kind": "ALLOWED NOW",
    "stage": "STAGE",
    "label_vi": "NAME",
    "needs": "NEEDS",
    "blocked_vi": "BLOCKED",
}
Code = Annotated[str, typer.Argument(metavar="CODE", help="Such as SC26-0001.")]
command = typer.Typer(help="List incidents and act on one.", no_args_is_help=True)


@command.command("list")
def list_incidents(
    data: Data = Path("var"),
    everything: Annotated[bool, typer.Option("--all", help="Also ended ones.")] = False,
    search: Annotated[str | None, typer.Option(help="Words, with or without marks.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the open incidents, worst first; exit code 1 when one is not acknowledged."""
    state = "all" if everything else "open"
    found = connect(data).get("/api/v1/incidents", state=state, q=search)["items"]
    show(found, COLUMNS, as_json=as_json)
    if any(not i["acknowledged_at"] and not i["ended"] for i in found):
        raise typer.Exit(1)


@command.command("show")
def show_incident(code: Code, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show one incident: its head, what it explains, its timeline, and what may be done now."""
    found = connect(data).get(f"/api/v1/incidents/{code}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    show([found["incident"]], COLUMNS, as_json=False)
    typer.echo("")
    if found["children"]:
        show(found["children"], CHILD_COLUMNS, as_json=False)
        typer.echo("")
    show(found["entries"], ENTRY_COLUMNS, as_json=False)
    typer.echo("")
    show(found["actions"], ACTION_COLUMNS, as_json=False)


@command.command("ack")
def acknowledge(code: Code, data: Data = Path("var")) -> None:
    """Say that a person has taken the incident; its pages stop."""
    _command(data, code, "ack", {})


@command.command("note")
def note(code: Code, text: Annotated[str, typer.Argument()], data: Data = Path("var")) -> None:
    """Write a note into the timeline."""
    _command(data, code, "note", {"text": text})


@command.command("move")
def move(
    code: Code,
    stage: Annotated[str, typer.Argument(help="Code of the stage, such as xac_minh.")],
    data: Data = Path("var"),
    reason: Annotated[str, typer.Option(help="Where the procedure asks for one.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What else is needed, such as parent=SC26-0001."),
    ] = None,
) -> None:
    """Move the incident to another stage that the procedure allows now."""
    fields = dict(_pair(text) for text in field or [])
    _command(data, code, "move", {"stage": stage, "reason": reason, "fields": fields})


@command.command("close")
def close(
    code: Code,
    root_cause: Annotated[str, typer.Option(help="Such as system-failures, human-errors.")],
    reason: Annotated[str, typer.Option(help="What was done.")],
    data: Data = Path("var"),
) -> None:
    """Close the incident; only a person can."""
    _command(data, code, "close", {"root_cause": root_cause, "reason": reason})


@command.command("deadlines")
def deadlines(code: Code, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the deadlines of an incident; exit code 1 when one that runs is overdue."""
    rows = connect(data).get(f"/api/v1/incidents/{code}/deadlines")
    late = [
        str(timedelta(seconds=row["late_seconds"])) if row["late_seconds"] else "" for row in rows
    ]
    shown = rows if as_json else [row | {"late": by} for row, by in zip(rows, late, strict=True)]
    show(shown, DEADLINE_COLUMNS, as_json=as_json)
    if any(row["running"] and row["state"] == OVERDUE for row in rows):
        raise typer.Exit(1)


@command.command("meet")
def meet(
    code: Code,
    deadline: Annotated[str, typer.Argument(help="Such as notify_commander or bca_24h.")],
    how: Annotated[str, typer.Option(help="How it was done.")],
    told: Annotated[str, typer.Option(help="Who was told.")] = "",
    document: Annotated[str, typer.Option(help="Number of the document or receipt.")] = "",
    at: Annotated[str, typer.Option(help="When, such as 2026-11-24T07:30; now unless said.")] = "",
    data: Data = Path("var"),
) -> None:
    """Record that a duty was done."""
    body = {"deadline": deadline, "how": how, "told": told, "document": document}
    _command(data, code, "meet", body | ({"at": at} if at else {}))


@command.command("extend")
def extend(
    code: Code,
    deadline: Annotated[str, typer.Argument(help="Such as fix; a clock of law is never extended.")],
    until: Annotated[str, typer.Option(help="Such as 2026-11-30T17:00.")],
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    data: Data = Path("var"),
) -> None:
    """Give an internal deadline more time."""
    body = {"deadline": deadline, "until": until, "approver": approver, "reason": reason}
    _command(data, code, "extend", body)


@command.command("export")
def export(
    code: Code,
    to: Annotated[Path, typer.Option(help="The zip to write, such as SC26-0001.zip.")],
    data: Data = Path("var"),
) -> None:
    """Take the whole file out as a zip with its own verify.py; who took it goes on record."""
    size = connect(data).download(f"/api/v1/incidents/{code}/export", to)
    typer.echo(f"{to}: {size} bytes; verify it with `python3 -I verify.py {to}`")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        fail(f"--field {text!r}: write it like parent=SC26-0001", code=2)
    return name, value


def _command(data: Path, code: str, name: str, body: dict[str, Any]) -> None:
    answer = connect(data).post(f"/api/v1/incidents/{code}/{name}", body)
    typer.echo(f"{answer['incident']}: {answer['stage']}")
