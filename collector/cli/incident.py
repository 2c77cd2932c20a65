"""`wanwatch incident`: list, show, open, act on one, and what is to be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from incidents.commands import BY_NAME

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
DUE_COLUMNS = {"code": "CODE", "ended_at": "ENDED", "kept_until": "KEPT UNTIL"}
WHY_COLUMNS = {
    "at": "AT",
    "person": "WHO",
    "kind": "WHAT",
    "told": "TOLD",
    "reason": "REASON",
    "level": "LEVEL",
    "detail": "OF",
    "channel": "CHANNEL",
    "held": "HELD BY",
    "status": "MESSAGE",
    "error": "ERROR",
}
ENTRY_COLUMNS = {"seq": "#", "at": "AT", "actor": "WHO", "kind": "WHAT", "text": "TEXT"}
ACTION_COLUMNS = {
    "kind": "ALLOWED NOW",
    "stage": "STAGE",
    "label_vi": "NAME",
    "needs": "NEEDS",
    "blocked_vi": "BLOCKED",
}
TASK_COLUMNS = {
    "incident": "INCIDENT",
    "kind": "KIND",
    "number": "#",
    "what": "WHAT",
    "owner": "OWNER",
    "due_at": "DUE",
    "is_late": "LATE",
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


@command.command("pass-on")
def pass_on(
    code: Code,
    data: Data = Path("var"),
    reason: Annotated[str, typer.Option(help="Why; it stands in the timeline.")] = "",
) -> None:
    """Let the next person be called: you cannot take it."""
    _command(data, code, "pass_on", {"reason": reason})


@command.command("why")
def why(
    code: Code,
    data: Data = Path("var"),
    person: Annotated[str, typer.Option(help="Only what is about this person.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say why people were paged or not: every decision, every attempt to send."""
    found = connect(data).get(f"/api/v1/incidents/{code}/why", person=person)
    show(found, WHY_COLUMNS, as_json=as_json)


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


@command.command("evidence")
def evidence(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The file to hand in.")],
    kind: Annotated[str, typer.Option(help="Such as nhat_ky, anh_chup, bat_goi.")],
    data: Data = Path("var"),
    holder: Annotated[str, typer.Option(help="Who holds the original.")] = "",
    place: Annotated[str, typer.Option(help="Where it is held.")] = "",
    note: Annotated[str, typer.Option(help="What it shows.")] = "",
) -> None:
    """Hand in a file as evidence; its SHA-256 is in the entry."""
    answer = connect(data).upload(
        f"/api/v1/incidents/{code}/evidence",
        file,
        {"kind": kind, "name": file.name, "holder": holder, "place": place, "note": note},
    )
    typer.echo(f"{answer['incident']}: {answer['sha256']} ({answer['type']})")


@command.command("seal")
def seal(
    code: Code,
    entry: Annotated[int, typer.Argument(min=1, help="Number of the entry.")],
    data: Data = Path("var"),
    reason: Annotated[
        str, typer.Option(help="Ask for it; without a reason, approve what another asked for.")
    ] = "",
) -> None:
    """Take the words of an entry out for ever: one person asks with a reason, another approves."""
    client = connect(data)
    if reason:
        client.post(f"/api/v1/incidents/{code}/ask_seal", {"entry": entry, "reason": reason})
        others = client.get(f"/api/v1/incidents/{code}/entries/{entry}/copies")
        typer.echo(
            say(
                "{code}: another person must approve: wanwatch incident seal {code} {entry}",
                code=code,
                entry=entry,
            )
        )
        for other in others:
            typer.echo(
                say(
                    "the same words are in {incident} entry {entry}",
                    incident=other["incident"],
                    entry=other["entry"],
                )
            )
        return
    client.post(f"/api/v1/incidents/{code}/seal", {"entry": entry})
    typer.echo(
        say(
            "{code}: entry {entry} is sealed. Copies of the database from before still hold its "
            "words: destroy them (docs/files.md).",
            code=code,
            entry=entry,
        )
    )


@command.command("due-removal")
def due_removal(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List ended incidents whose content has been kept long enough."""
    found = connect(data).get("/api/v1/retention")
    show(found, DUE_COLUMNS, as_json=as_json)


@command.command("remove-content")
def remove_content(
    code: Code,
    reason: Annotated[str, typer.Option(help="On which decision; it stays in the file.")],
    data: Data = Path("var"),
) -> None:
    """Remove words and evidence after their time; hashes, dates, basis and approver stay."""
    _command(data, code, "remove_content", {"reason": reason})


@command.command("export")
def export(
    code: Code,
    to: Annotated[Path, typer.Option(help="The zip to write, such as SC26-0001.zip.")],
    data: Data = Path("var"),
) -> None:
    """Take the whole file out as a zip with its own verify.py; who took it goes on record."""
    size = connect(data).download(f"/api/v1/incidents/{code}/export", to)
    typer.echo(
        say("{to}: {size} bytes; verify it with `python3 -I verify.py {to}`", to=to, size=size)
    )


@command.command("open")
def open_incident(
    unit: Annotated[str, typer.Option(help="Identifier code of the unit.")],
    class_code: Annotated[str, typer.Option("--class", help="Such as kt_duong_truyen.")],
    summary: Annotated[str, typer.Argument(help="What is reported.")] = "",
    data: Data = Path("var"),
    host: Annotated[str, typer.Option(help="Which machine, if one.")] = "",
    detected_at: Annotated[str, typer.Option(help="2026-11-23T08:30 here; now unless said.")] = "",
    document: Annotated[str, typer.Option(help="For a suspected secret: its number.")] = "",
    custodian: Annotated[str, typer.Option(help="For a suspected secret: who keeps it.")] = "",
) -> None:
    """Open an incident that somebody reports, for instance by telephone."""
    body = {
        "unit": unit,
        "class_code": class_code,
        "summary": summary,
        "host": host,
        "detected_at": detected_at or None,
        "document": document,
        "custodian": custodian,
    }
    typer.echo(connect(data).post("/api/v1/incidents", body)["incident"])


@command.command("do")
def do(
    code: Code,
    name: Annotated[str, typer.Argument(metavar="COMMAND", help="Such as raise, contain, task.")],
    data: Data = Path("var"),
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What it needs; a list has commas between."),
    ] = None,
) -> None:
    """Give any command of the desk, with its fields; a refusal says what is needed."""
    spec = BY_NAME.get(name)
    if spec is None:
        fail(
            say("no command {name!r}; there are {listed}", name=name, listed=", ".join(BY_NAME)),
            code=2,
        )
    body: dict[str, Any] = dict(_pair(text) for text in field or [])
    for listed in spec.lists & body.keys():
        body[listed] = [word.strip() for word in body[listed].split(",") if word.strip()]
    _command(data, code, name, body)


@command.command("drill")
def drill(
    code: Code,
    pace: Annotated[
        int, typer.Option(help="Percent of real time; 1000 is ten times as fast.")
    ] = 100,
    data: Data = Path("var"),
) -> None:
    """Replay an ended incident as a drill; its minutes: `wanwatch incident minutes`."""
    answer = connect(data).post(f"/api/v1/incidents/{code}/drill", {"pace_percent": pace})
    typer.echo(answer["incident"])


@command.command("minutes")
def show_minutes(code: Code, data: Data = Path("var")) -> None:
    """Print the minutes of a drill, to sign."""
    typer.echo(connect(data).text(f"/api/v1/incidents/{code}/minutes"))


@command.command("tasks")
def tasks(
    data: Data = Path("var"),
    overdue: Annotated[bool, typer.Option(help="Only what is overdue.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is to be done on incidents; exit code 1 when something is overdue."""
    state = "overdue" if overdue else "open"
    found = connect(data).get("/api/v1/tasks", state=state)["items"]
    show(found, TASK_COLUMNS, as_json=as_json)
    if any(task["is_late"] for task in found):
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        fail(say("--field {text!r}: write it like parent=SC26-0001", text=text), code=2)
    return name, value


def _command(data: Path, code: str, name: str, body: dict[str, Any]) -> None:
    answer = connect(data).post(f"/api/v1/incidents/{code}/{name}", body)
    typer.echo(f"{answer['incident']}: {answer['stage']}")
