"""`wanwatch report`: reports that people sign: made, filled, signed, numbered, sent, corrected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.oncall import instant
from collector.cli.output import fail, show
from collector.cli.words import say

COLUMNS = {
    "id": "ID",
    "kind": "KIND",
    "subject": "ABOUT",
    "layout": "LAYOUT",
    "audience": "FOR",
    "version": "VERSION",
    "state": "STATE",
    "number": "NUMBER",
    "made_by": "BY",
    "made_at": "MADE",
}
FIELDS = {"code": "FIELD", "vi": "NAME", "filled_by": "BY", "needed": "NEEDED", "text": "TEXT"}
DEEDS = {"id": "ID", "at": "AT", "actor": "WHO", "deed": "WHAT", "text": "TEXT"}
KINDS = {"code": "KIND", "vi": "NAME", "about": "ABOUT", "serves": "PROCEDURE"}
PATH = "/api/v1/documents"
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number, as listed.")]
At = Annotated[str, typer.Option(help="Local time: 2026-11-28 07:00; now unless said.")]
command = typer.Typer(help="Reports that people sign.", no_args_is_help=True)


@command.command("list")
def list_reports(
    data: Data = Path("var"),
    state: Annotated[str, typer.Option(help="draft, waiting, signed, …; all unless said.")] = "",
    kind: Annotated[str, typer.Option(help="Of one kind alone.")] = "",
    subject: Annotated[str, typer.Option(help="About one thing alone.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the reports, the newest first."""
    asked = {"state": state or None, "kind": kind or None, "subject": subject or None}
    show(connect(data).get(PATH, **asked)["items"], COLUMNS, as_json=as_json)


@command.command("kinds")
def kinds(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the kinds of reports that can be made."""
    show(connect(data).get(f"{PATH}/kinds"), KINDS, as_json=as_json)


@command.command("waiting")
def waiting(data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List what waits for a signature; exit code 1 when something does."""
    found = connect(data).get(f"{PATH}/waiting")
    show(found, COLUMNS, as_json=as_json)
    if found:
        raise typer.Exit(1)


@command.command("show")
def show_one(number: Number, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """Show a report: its fields as they stand, and what was done to it."""
    found = connect(data).get(f"{PATH}/{number}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    show([found], COLUMNS, as_json=False)
    show([_field(one) for one in found["fields"]], FIELDS, as_json=False)
    show(found["done"], DEEDS, as_json=False)


@command.command("make")
def make(
    kind: Annotated[str, typer.Argument(help="As `wanwatch report kinds` lists it.")],
    about: Annotated[str, typer.Argument(metavar="ABOUT", help="A code, a day, a month, …")],
    data: Data = Path("var"),
    layout: Annotated[str, typer.Option(help="party or state; as reports.yaml says.")] = "",
    outside: Annotated[bool, typer.Option("--outside", help="It leaves the organisation.")] = False,
) -> None:
    """Gather the facts and keep a draft."""
    body: dict[str, Any] = {"kind": kind, "subject": about}
    body |= {"layout": layout} if layout else {}
    body |= {"audience": "outside"} if outside else {}
    _said(connect(data).post(PATH, body))


@command.command("fill")
def fill(
    number: Number,
    words: Annotated[list[str], typer.Argument(metavar="FIELD=TEXT", help="May be repeated.")],
    data: Data = Path("var"),
) -> None:
    """Write into fields; `FIELD=` takes back what was written."""
    pairs = [word.partition("=") for word in words]
    if wrong := [word for word, sign, _ in pairs if not sign]:
        fail(
            say("{what!r}: write FIELD=TEXT, for example nguyen_nhan='Đứt cáp'", what=wrong[0]),
            code=2,
        )
    fields = {code: text for code, _, text in pairs}
    _said(connect(data).post(f"{PATH}/{number}/fill", {"fields": fields}))


@command.command("gather")
def gather(number: Number, data: Data = Path("var")) -> None:
    """Put the facts of now into a draft; what people wrote stays."""
    _said(connect(data).post(f"{PATH}/{number}/gather"))


@command.command("ask")
def ask(number: Number, data: Data = Path("var")) -> None:
    """Put a draft up for signature."""
    _said(connect(data).post(f"{PATH}/{number}/ask"))


@command.command("sign")
def sign(
    number: Number,
    data: Data = Path("var"),
    digest: Annotated[str, typer.Option(help="Of what you have read.")] = "",
) -> None:
    """Sign what waits."""
    _said(connect(data).post(f"{PATH}/{number}/sign", {"digest": digest}))


@command.command("return")
def give_back(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    data: Data = Path("var"),
) -> None:
    """Return what waits to those who wrote it."""
    _said(connect(data).post(f"{PATH}/{number}/return", {"reason": reason}))


@command.command("later")
def later(
    number: Number,
    until: Annotated[str, typer.Option(help="Local time: 2026-11-28 14:00.")],
    data: Data = Path("var"),
) -> None:
    """Put off what waits until an hour."""
    _said(connect(data).post(f"{PATH}/{number}/later", {"until": instant("--until", until)}))


@command.command("number")
def give_number(
    number: Number,
    given: Annotated[str, typer.Argument(metavar="NUMBER", help="As the records office gave it.")],
    on: Annotated[str, typer.Option(help="The day of the document: 2026-11-28.")],
    data: Data = Path("var"),
) -> None:
    """Write down the number and day that the records office gave."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        fail(say("--on {on!r}: write a day as 2026-11-28", on=on), code=2)
    _said(connect(data).post(f"{PATH}/{number}/number", {"number": given, "on": day.isoformat()}))


@command.command("sent")
def sent(
    number: Number,
    to: Annotated[str, typer.Option(help="To whom.")],
    how: Annotated[str, typer.Option(help="By which way.")],
    data: Data = Path("var"),
    at: At = "",
    receipt: Annotated[str, typer.Option(help="The receipt, if there is one.")] = "",
) -> None:
    """Note that it was sent; the duties of its incident that this meets are met."""
    body = {"recipient": to, "how": how, "receipt": receipt}
    body |= {"at": instant("--at", at)} if at else {}
    _said(connect(data).post(f"{PATH}/{number}/sent", body))


@command.command("receipt")
def receipt(
    number: Number,
    sent: Annotated[int, typer.Argument(metavar="SENT", help="Which sent mark, as shown.")],
    text: Annotated[str, typer.Argument(metavar="RECEIPT")],
    data: Data = Path("var"),
) -> None:
    """Write down the receipt for one of the times it was sent."""
    _said(connect(data).post(f"{PATH}/{number}/receipt", {"sent": sent, "receipt": text}))


@command.command("correct")
def correct(
    number: Number,
    changes: Annotated[str, typer.Option(help="What the correction changes.")],
    data: Data = Path("var"),
) -> None:
    """Begin the next version of a signed report; the signed one stays."""
    _said(connect(data).post(f"{PATH}/{number}/correct", {"changes": changes}))


@command.command("export")
def export(
    number: Number,
    to: Annotated[Path, typer.Option(help="The file to write: .pdf, .docx, or .zip.")],
    data: Data = Path("var"),
) -> None:
    """Save a report as PDF or docx, or the dossier of all its versions as a zip."""
    form, client = to.suffix.removeprefix("."), connect(data)
    if form == "zip":
        size = client.download(f"{PATH}/{number}/dossier", to)
    elif form in ("pdf", "docx"):
        size = client.download(f"{PATH}/{number}/file?form={form}", to, method="GET")
    else:
        fail(say("--to {to}: name a file that ends in .pdf, .docx or .zip", to=to), code=2)
    typer.echo(say("{to}: {size} bytes", to=to, size=size))


def _field(one: dict[str, Any]) -> dict[str, Any]:
    machine = one["machine"]
    text = one["text"] or (machine if isinstance(machine, str) else f"({len(machine or ())})")
    needed = "MISSING" if one["is_missing"] else "yes" if one["is_required"] else ""
    return {**one, "needed": needed, "text": text if one["filled_by"] else ", ".join(one["by"])}


def _said(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
