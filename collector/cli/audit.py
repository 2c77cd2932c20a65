"""`wanwatch audit`: verify everything, show the configuration record, carry checkpoints away."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from collector import settings
from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from collector.jobs import long_work
from collector.starter import StartError
from collector.storage.audit import Audit
from collector.storage.sealer import ORIGIN
from incidents.checkpoint import verifier_key

RECORD_COLUMNS = {
    "seq": "#",
    "at": "AT",
    "actor": "WHO",
    "kind": "WHAT",
    "text": "TEXT",
    "hash": "HASH",
}
Config = Annotated[Path | None, typer.Option(help="collector.toml")]
DataDirectory = Annotated[
    Path | None, typer.Option(envvar="WANWATCH_DATA", help="Directory of all data [var].")
]
command = typer.Typer(help="Verify that nothing was changed afterwards.", no_args_is_help=True)


@command.command("verify")
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="Checkpoints kept elsewhere: an agent's file, an export, a printout."),
    ] = None,
    config: Config = None,
    data: DataDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Verify all chains, the tree, its checkpoints and the evidence; 1 when something is wrong.

    It reads the database itself: the collector may run or not.
    """
    try:
        chosen = settings.load(config, os.environ, {"data": data})
        kept = {str(path): path.read_text(encoding="utf-8") for path in checkpoint or ()}
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("audit", total=None)
            found = long_work.verify_everything(
                chosen,
                kept,
                lambda done, of: progress.update(task, completed=done, total=of),
            )
    except (settings.SettingsError, StartError, OSError, UnicodeDecodeError) as error:
        fail(str(error), code=2)
    except SQLAlchemyError as error:
        fail(say("the database: {what}", what=getattr(error, "orig", None) or error), code=2)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        for line in _lines(found):
            typer.echo(line)
    if found.findings:
        raise typer.Exit(1)


def _lines(found: Audit) -> list[str]:
    looked = say(
        "{incidents} incidents with {entries} entries, {record} entries of the configuration "
        "record, {leaves} places in the tree, {checkpoints} checkpoints, {known} kept elsewhere, "
        "{evidence} pieces of evidence; {holes} entries without their words, {waiting} wait for "
        "their place",
        incidents=found.incidents,
        entries=found.entries,
        record=found.record_entries,
        leaves=found.leaves,
        checkpoints=found.checkpoints,
        known=found.known,
        evidence=found.evidence,
        holes=found.holes,
        waiting=found.waiting,
    )
    lines = [looked, *(say("WRONG: {finding}", finding=one) for one in found.findings)]
    lines.append(say("does not verify") if found.findings else say("verifies"))
    return lines


@command.command("record")
def record(
    data: Data = Path("var"),
    kind: Annotated[str | None, typer.Option(help="policy, mute, hours, identity, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the configuration record of a running collector, the newest entry first."""
    found = connect(data).get("/api/v1/record", kind=kind, limit=limit)["items"]
    show(found, RECORD_COLUMNS, as_json=as_json)


@command.command("seal")
def seal(
    entry: Annotated[int, typer.Argument(min=1, help="Number of the entry of the record.")],
    data: Data = Path("var"),
    reason: Annotated[
        str, typer.Option(help="Ask for it; without a reason, approve what another asked for.")
    ] = "",
) -> None:
    """Take the words of an entry of the configuration record out for ever: by two persons."""
    if reason:
        connect(data).post(f"/api/v1/record/{entry}/ask_seal", {"reason": reason})
        typer.echo(say("another person must approve: wanwatch audit seal {entry}", entry=entry))
        return
    connect(data).post(f"/api/v1/record/{entry}/seal")
    typer.echo(say("entry {entry} is sealed", entry=entry))


@command.command("checkpoint")
def newest(
    to: Annotated[Path | None, typer.Option(help="Append it to this file.")] = None,
    data: Data = Path("var"),
) -> None:
    """Print the newest signed checkpoint of a running collector, or keep it in a file."""
    note = connect(data).get_text("/api/v1/checkpoint")
    if to is None:
        typer.echo(note, nl=False)
        return
    try:
        with to.open("a", encoding="utf-8") as file:
            file.write(note)
    except OSError as error:
        fail(say("{to}: cannot be written: {error}", to=to, error=error), code=1)


@command.command("key")
def key(config: Config = None, data: DataDirectory = None) -> None:
    """Print the public key that signs checkpoints and exports: keep it where others can read it."""
    try:
        chosen = settings.load(config, os.environ, {"data": data})
        public_key = bytes(long_work.signing_key(chosen).verify_key)
    except (settings.SettingsError, StartError) as error:
        fail(str(error), code=2)
    typer.echo(verifier_key(ORIGIN, public_key))
