"""`wanwatch session`: plan conference sessions, begin and end them, write their log."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from collector.csv_file import text_of
from incidents.vietnamese import ZONE
from incidents.yaml_problems import InvalidDocument

COLUMNS = {
    "id": "ID",
    "starts_at": "BEGINS",
    "ends_at": "ENDS",
    "name": "NAME",
    "session_class": "CLASS",
    "stage": "STAGE",
    "points": "POINTS",
    "confirmed": "CONFIRMED",
}
POINT_COLUMNS = {
    "order": "#",
    "name": "POINT",
    "unit": "UNIT",
    "target": "ENDPOINT",
    "way": "WAY",
    "is_main": "MAIN",
    "technician": "TECHNICIAN",
    "phone": "PHONE",
    "is_confirmed": "CONFIRMED",
}
LOG_COLUMNS = {
    "id": "ID",
    "at": "AT",
    "kind": "KIND",
    "point": "#",
    "code": "CODE",
    "text": "TEXT",
    "actor": "BY",
}
FIGURE_COLUMNS = {
    "name": "NAME",
    "sessions": "SESSIONS",
    "with_faults": "WITH FAULTS",
    "faults": "FAULTS",
    "minutes": "MINUTES LOST",
}
Number = Annotated[int, typer.Argument(help="The number of the session.", min=1)]
Point = Annotated[str, typer.Option("--point", help="Number, or letters of its name: hth.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the log.")]
From = Annotated[str, typer.Option("--from", help="Local time: 2026-11-28 08:00.")]
Until = Annotated[str, typer.Option("--until", help="Local time: 2026-11-28 10:00.")]
command = typer.Typer(help="Conference sessions and their points.", no_args_is_help=True)


@command.command("list")
def list_sessions(
    data: Data = Path("var"),
    past: Annotated[bool, typer.Option(help="Those that are over, the last first.")] = False,
    search: Annotated[str, typer.Option(help="Words of its name or of a point's.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what comes and goes on, or what is over."""
    when = "past" if past else "coming"
    found = connect(data).get("/api/v1/sessions", when=when, search=search)
    show(found["items"], COLUMNS, as_json=as_json)


@command.command("show")
def show_session(number: Number, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show a session: its plan, its stage and its points in calling order."""
    found = connect(data).get(f"/api/v1/sessions/{number}")
    if not as_json:
        show([{**found, "points": len(found["points"]),
               "confirmed": sum(point["is_confirmed"] for point in found["points"])}],
             COLUMNS, as_json=False)  # fmt: skip
        show(found["points"], POINT_COLUMNS, as_json=False)
        return
    show([found], COLUMNS, as_json=True)


@command.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the session is called.")],
    start: From,
    until: Until,
    points: Annotated[
        list[str], typer.Option("--point", help="A name, unit or alias; once for each.")
    ],
    data: Data = Path("var"),
    session_class: Annotated[str, typer.Option("--class", help="A, B or C.")] = "C",
    main: Annotated[str, typer.Option(help="Where the chair sits.")] = "",
    chair: Annotated[str, typer.Option(help="Who chairs it.")] = "",
    bridge: Annotated[str, typer.Option(help="The bridge in targets.yaml.")] = "",
    conference: Annotated[str, typer.Option(help="The conference on the bridge.")] = "",
    rehearsal: Annotated[bool, typer.Option(help="It is a rehearsal.")] = False,
    rrule: Annotated[str, typer.Option(help="Repeats: FREQ=WEEKLY;COUNT=10.")] = "",
) -> None:
    """Plan a session, or a series; print the number of each."""
    body = {
        "name": name, "session_class": session_class, "starts_at": instant("--from", start),
        "ends_at": instant("--until", until), "points": points, "main": main, "chair": chair,
        "bridge": bridge, "conference": conference, "rrule": rrule,
        "kind": "rehearsal" if rehearsal else "official",
    }  # fmt: skip
    for number in connect(data).post("/api/v1/sessions", body)["ids"]:
        typer.echo(str(number))


@command.command("copy")
def copy(
    number: Number,
    start: From,
    data: Data = Path("var"),
    name: Annotated[str, typer.Option(help="Another name.")] = "",
) -> None:
    """Plan a session with the points of a former one; print its number."""
    body = {"starts_at": instant("--from", start), "name": name}
    typer.echo(str(connect(data).post(f"/api/v1/sessions/{number}/copy", body)["id"]))


@command.command("move")
def move(
    number: Number,
    start: From,
    data: Data = Path("var"),
    until: Annotated[str, typer.Option("--until", help="It keeps its length unless said.")] = "",
    reason: Reason = "",
) -> None:
    """Give a session another time; its pre-checks move, its technicians are told once."""
    body: dict[str, Any] = {"starts_at": instant("--from", start), "reason": reason}
    if until:
        body["ends_at"] = instant("--until", until)
    answer = connect(data).post(f"/api/v1/sessions/{number}/move", body)
    typer.echo(say("moved") if answer["changed"] else say("it is at that time already"))


@command.command("cancel")
def cancel(number: Number, data: Data = Path("var"), reason: Reason = "") -> None:
    """Say that a session is not held; its technicians are told."""
    _step(data, number, "cancel", {"reason": reason})


@command.command("start")
def start_session(number: Number, data: Data = Path("var")) -> None:
    """Begin a session: it is live from now on."""
    _step(data, number, "start", {})


@command.command("end")
def end(number: Number, data: Data = Path("var")) -> None:
    """End a session; its open incidents become ordinary ones."""
    _step(data, number, "end", {})


@command.command("confirm")
def confirm(
    number: Number,
    point: Point,
    data: Data = Path("var"),
    absent: Annotated[bool, typer.Option(help="They will not be there after all.")] = False,
) -> None:
    """Note that the technician of a point will be there."""
    client = connect(data)
    place = _place(client, number, point)
    path = f"/api/v1/sessions/{number}/points/{place}/confirm"
    answer = client.post(path, {"is_there": not absent})
    typer.echo(say("noted") if answer["changed"] else say("it was noted already"))


@command.command("log")
def log(
    number: Number,
    kind: Annotated[
        str, typer.Argument(help="symptom, restored, action, fallback, secretariat, note, item.")
    ] = "",
    data: Data = Path("var"),
    point: Point = "",
    code: Annotated[str, typer.Option(help="Which symptom: no_sound, …")] = "",
    text: Annotated[str, typer.Option(help="In words.")] = "",
    at: Annotated[str, typer.Option(help="When it happened; now unless said.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the log of a session, or enter something into it."""
    client = connect(data)
    if not kind:
        show(client.get(f"/api/v1/sessions/{number}/log"), LOG_COLUMNS, as_json=as_json)
        return
    entry: dict[str, Any] = {
        "kind": kind, "code": code, "text": text, "key": secrets.token_hex(8),
        "point": _place(client, number, point) if point else 0,
    }  # fmt: skip
    if at:
        entry["at"] = instant("--at", at)
    answer = client.post(f"/api/v1/sessions/{number}/log", {"entries": [entry]})
    typer.echo(str(answer["entries"][0]))


@command.command("close")
def close(
    number: Number,
    data: Data = Path("var"),
    clean: Annotated[bool, typer.Option(help="There was no fault; said, never assumed.")] = False,
) -> None:
    """Close the log of a session that has ended."""
    answer = connect(data).post(f"/api/v1/sessions/{number}/close", {"is_clean": clean})
    typer.echo(say("closed") if answer["changed"] else say("it was closed already"))


@command.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV, or a calendar (.ics).")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Take sessions in; the same file again changes nothing. Exit code 1 when some are not."""
    try:
        text = text_of(file.read_bytes(), file.name)
    except (OSError, InvalidDocument) as error:
        fail(say("{file}: cannot be read: {error}", file=file, error=error), code=2)
    kind = "ics" if "BEGIN:VCALENDAR" in text[:2000] else "csv"
    answer = connect(data).post("/api/v1/session-imports", {kind: text})
    if as_json:
        show([answer], {}, as_json=True)
    else:
        counts = {name: len(answer[name]) for name in ("made", "changed", "cancelled")}
        typer.echo(
            say(
                "{made} made, {changed} changed, {cancelled} cancelled, {known} as they were",
                known=answer["known"],
                **counts,
            )
        )
        for problem in answer["problems"]:
            typer.echo(f"  {problem}", err=True)
    if answer["problems"]:
        raise typer.Exit(1)


@command.command("figures")
def figures(
    data: Data = Path("var"),
    month: Annotated[str, typer.Option(help="2026-11; this one unless said.")] = "",
    by: Annotated[str, typer.Option(help="causes, units or lines.")] = "units",
    as_json: AsJson = False,
) -> None:
    """Show sessions, faults and minutes lost of a month, by unit, line or symptom."""
    if by not in ("causes", "units", "lines"):
        fail(say("--by {by!r}: allowed are causes, units, lines", by=by), code=2)
    found = connect(data).get("/api/v1/session-figures", month=month)
    if as_json:
        show([found], {}, as_json=True)
        return
    typer.echo(
        say(
            "held {held}, with faults {with_faults}, minutes lost {lost_minutes}, "
            "logs not closed {unclosed}",
            held=found["held"],
            with_faults=found["with_faults"],
            lost_minutes=found["lost_seconds"] // 60,
            unclosed=found["unclosed"],
        )
    )
    rows = [{**row, "name": row.get("name", row.get("code")),
             "minutes": row["lost_seconds"] // 60} for row in found[by]]  # fmt: skip
    show(rows, FIGURE_COLUMNS, as_json=False)


def _step(data: Path, number: int, step: str, body: dict[str, Any]) -> None:
    answer = connect(data).post(f"/api/v1/sessions/{number}/{step}", body)
    typer.echo(
        answer["stage"]
        if answer["changed"]
        else say("it was {stage} already", stage=answer["stage"])
    )


def _place(client: Any, number: int, said: str) -> int:
    """Return the place of the one point that is meant; end the command otherwise."""
    found = client.get(f"/api/v1/sessions/{number}/points", find=said)
    if len(found) != 1:
        listed = ", ".join(f"{point['order']} {point['name']}" for point in found[:10])
        fail(
            say(
                "--point {said!r} may be: {listed}", said=said, listed=listed or say("none of them")
            ),
            code=2,
        )
    return int(found[0]["order"])


def instant(option: str, text: str) -> str:
    """Return a local time as RFC 3339; end the command when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(
            say("{option} {text!r}: write it like '2026-11-28 08:00'", option=option, text=text),
            code=2,
        )
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).isoformat()
