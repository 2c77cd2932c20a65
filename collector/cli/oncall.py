"""`wanwatch oncall`: who is called now or then, who stands in, and the phone tree."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from incidents.vietnamese import ZONE

COLUMNS = {
    "schedule": "SCHEDULE",
    "shift": "SHIFT",
    "starts_at": "FROM",
    "ends_at": "UNTIL",
    "primary": "ON CALL",
    "backup": "BACKUP",
    "primary_why": "WHY",
    "primary_instead_of": "INSTEAD OF",
    "is_holiday": "HOLIDAY",
}
GAP_COLUMNS = {
    "schedule": "SCHEDULE",
    "kind": "WHAT",
    "starts_at": "FROM",
    "ends_at": "UNTIL",
    "person": "WHO",
    "is_holiday": "HOLIDAY",
}
OVERRIDE_COLUMNS = {
    "id": "ID",
    "schedule": "SCHEDULE",
    "starts_at": "FROM",
    "ends_at": "UNTIL",
    "out": "OUT",
    "stand_in": "IN",
    "reason": "REASON",
    "made_by": "BY",
}
CONTACT_COLUMNS = {
    "shown_name": "NAME",
    "title": "TITLE",
    "on_call": "ON CALL",
    "phones": "PHONES",
    "email": "MAIL",
    "backup_of": "BACKUP OF",
    "verified_on": "VERIFIED",
    "is_verified": "STILL GOOD",
}
TEST_COLUMNS = {
    "recipient": "TO",
    "channel": "CHANNEL",
    "status": "RESULT",
    "receipt": "RECEIPT",
    "error": "ERROR",
    "attempts": "TRIES",
    "sent_at": "AT",
}
UNDER_WAY = ("pending", "sending")
POLL_SECONDS = 0.5
From = Annotated[str, typer.Option("--from", help="Local time: 2026-11-28 07:00.")]
Until = Annotated[str, typer.Option("--until", help="Local time: 2026-11-28 19:00.")]
Schedule = Annotated[str, typer.Option("--schedule", help="One schedule; all unless said.")]
command = typer.Typer(help="Who is on call, who stands in, how they are reached.")


@command.callback(invoke_without_command=True)
def oncall(context: typer.Context, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show who is on call now; exit code 1 when a post is empty."""
    if context.invoked_subcommand is None:
        now(data, as_json=as_json)


@command.command("now")
def now(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show who is on call now; exit code 1 when nobody is."""
    _shown(connect(data).get("/api/v1/oncall"), as_json=as_json)


@command.command("at")
def at(
    when: Annotated[str, typer.Argument(metavar="T", help="Local time: 2026-11-28 02:00.")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show who was, is or will be on call at an instant; of the past what was known then."""
    _shown(connect(data).get("/api/v1/oncall", at=instant("T", when)), as_json=as_json)


@command.command("list")
def list_shifts(
    data: Data = Path("var"), start: From = "", until: Until = "", as_json: AsJson = False
) -> None:
    """List the shifts as they are planned, a month ahead unless said."""
    found = connect(data).get("/api/v1/oncall/shifts", **_span(start, until))
    show(found, COLUMNS, as_json=as_json)


@command.command("gaps")
def gaps(
    data: Data = Path("var"), start: From = "", until: Until = "", as_json: AsJson = False
) -> None:
    """List when nobody is on call or stands behind; exit code 1 when there is such a time."""
    found = connect(data).get("/api/v1/oncall/gaps", **_span(start, until))
    show(found, GAP_COLUMNS, as_json=as_json)
    if found:
        raise typer.Exit(1)


@command.command("test")
def send_test(
    person: Annotated[str, typer.Argument(help="Whom; yourself unless said.")] = "",
    data: Data = Path("var"),
    wait_seconds: Annotated[float, typer.Option(min=0, max=600, help="How long to wait.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Send a real page over every channel of a person and show each receipt.

    Exit code 1 when one did not get through in time.
    """
    client = connect(data)
    batch = client.post("/api/v1/oncall/tests", {"person": person})["batch"]
    until, pause = time.monotonic() + wait_seconds, Event()
    while True:
        rows = client.get(f"/api/v1/oncall/tests/{batch}")
        if all(row["status"] not in UNDER_WAY for row in rows) or time.monotonic() >= until:
            break
        pause.wait(POLL_SECONDS)
    show(rows, TEST_COLUMNS, as_json=as_json)
    if any(row["status"] != "sent" for row in rows):
        raise typer.Exit(1)


@command.command("overrides")
def overrides(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List who stands in for whom, now and later."""
    show(connect(data).get("/api/v1/oncall/overrides"), OVERRIDE_COLUMNS, as_json=as_json)


@command.command("override")
def override(
    start: From,
    until: Until,
    data: Data = Path("var"),
    out: Annotated[str, typer.Option(help="Who does not; the first on call if not said.")] = "",
    stand_in: Annotated[str, typer.Option("--in", help="Who does instead; else an absence.")] = "",
    schedule: Schedule = "",
    back_from: Annotated[str, typer.Option(help="A swap: the other shift begins.")] = "",
    back_until: Annotated[str, typer.Option(help="A swap: the other shift ends.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "",
) -> None:
    """Let somebody stand in for somebody, or two swap their shifts."""
    body: dict[str, Any] = {
        "schedule": schedule,
        "from": instant("--from", start),
        "until": instant("--until", until),
        "out": out,
        "stand_in": stand_in,
        "reason": reason,
    }
    if back_from or back_until:
        body["back_from"] = instant("--back-from", back_from)
        body["back_until"] = instant("--back-until", back_until)
    answer = connect(data).post("/api/v1/oncall/overrides", body)
    typer.echo(" ".join(map(str, answer["ids"])))


@command.command("cancel")
def cancel(
    number: Annotated[int, typer.Argument(metavar="ID")],
    data: Data = Path("var"),
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "",
) -> None:
    """Take an override back from now on."""
    connect(data).post(f"/api/v1/oncall/overrides/{number}/cancel", {"reason": reason})
    typer.echo(str(number))


@command.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE.ics", exists=True, dir_okay=False)],
    data: Data = Path("var"),
    person: Annotated[str, typer.Option(help="Who is absent, if no event says it.")] = "",
    stand_in: Annotated[str, typer.Option("--in", help="Who stands in for them.")] = "",
    schedule: Schedule = "",
) -> None:
    """Take a calendar in as overrides and absences; a second time changes nothing."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(say("{file}: cannot be read as UTF-8 text: {error}", file=file, error=error), code=2)
    body = {"ics": text, "person": person, "stand_in": stand_in, "schedule": schedule}
    answer = connect(data).post("/api/v1/oncall/import", body)
    typer.echo(say("{ids} new, {known} known", ids=len(answer["ids"]), known=answer["known"]))


@command.command("export")
def export(data: Data = Path("var")) -> None:
    """Print the overrides as a calendar that `import` takes."""
    typer.echo(connect(data).get_text("/api/v1/oncall/overrides.ics"), nl=False)


@command.command("calendar")
def calendar(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Yourself, as in people.yaml.")],
    data: Data = Path("var"),
) -> None:
    """Print a new secret address of one's own calendar; the one before stops working."""
    client = connect(data)
    answer = client.post(f"/api/v1/oncall/contacts/{person}/calendar")
    typer.echo(client.url + answer["address"])


@command.command("phone-tree")
def phone_tree(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List how people are reached, who is on call first; exit code 1 when one is unverified."""
    found = connect(data).get("/api/v1/oncall/contacts")
    show(found, CONTACT_COLUMNS, as_json=as_json)
    if not all(one["is_verified"] for one in found):
        raise typer.Exit(1)


def instant(option: str, text: str) -> str:
    """Return a local time as the API takes it; end the command when it is none."""
    try:
        at_ = datetime.fromisoformat(text)
    except ValueError:
        fail(
            say("{option} {text!r}: write it like '2026-11-28 22:00'", option=option, text=text),
            code=2,
        )
    return (at_ if at_.tzinfo else at_.replace(tzinfo=ZONE)).isoformat()


def _span(start: str, until: str) -> dict[str, str | None]:
    return {
        "from": instant("--from", start) if start else None,
        "until": instant("--until", until) if until else None,
    }


def _shown(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    show(rows, COLUMNS, as_json=as_json)
    if any(not row["primary"] and row["primary_why"] != "outside" for row in rows):
        raise typer.Exit(1)
