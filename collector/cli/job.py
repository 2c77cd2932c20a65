"""`wanwatch job`: long work as a child of the collector; it says its progress as JSON lines."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from collector import app as composition
from collector import settings
from collector.backtest.work import NothingHeld, work_on_text
from collector.jobs import jailed, long_work
from collector.settings import Settings
from collector.starter import StartError
from collector.stream import extract
from incidents.yaml_problems import InvalidDocument

NICE = 10
INSTANT = "%Y-%m-%dT%H:%M:%S%z"
MOST_REPORT_BYTES = 64 << 20
Config = Annotated[Path | None, typer.Option(help="collector.toml")]
DataDirectory = Annotated[Path | None, typer.Option(help="Directory of all data [var].")]
command = typer.Typer(
    help="Long work in a process of its own, as the collector starts it.",
    no_args_is_help=True,
)


@command.command("audit")
def audit(config: Config = None, data: DataDirectory = None) -> None:
    """Verify everything; the result is what `wanwatch audit verify --json` prints."""

    def work(chosen: Settings) -> Any:
        return asdict(long_work.verify_everything(chosen, {}, _Told()))

    do(config, data, work)


@command.command("export")
def export(
    code: Annotated[str, typer.Argument(help="Of the incident.")],
    to: Annotated[Path, typer.Option(help="The zip to write.")],
    by: Annotated[str, typer.Option(help="Who asked.")],
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Write an incident's file as a zip."""

    def work(chosen: Settings) -> Any:
        at = composition.now()
        is_there = long_work.export(chosen, code, to, by=by, now=at, told=_Told())
        return {"written": is_there, "bytes": to.stat().st_size if is_there else 0}

    do(config, data, work)


@command.command("reports")
def reports(
    agent: Annotated[list[str], typer.Option(help="Of whom; may be given again.")],
    since: Annotated[datetime, typer.Option(formats=[INSTANT])],
    until: Annotated[datetime, typer.Option(formats=[INSTANT])],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Copy some hosts' reports of some hours out of the journal, signed as they came."""

    def work(chosen: Settings) -> Any:
        found = extract.reports(chosen.data / "journal", set(agent), since, until, _Told())
        count, is_whole = extract.write_extract(to, found, most_bytes=MOST_REPORT_BYTES)
        return {"reports": count, "whole": is_whole}

    do(config, data, work)


@command.command("print")
def print_document(
    source: Annotated[Path, typer.Argument(help="A document as JSON.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    form: Annotated[str, typer.Option(help="pdf or docx.")] = "pdf",
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Print a document as PDF or docx."""

    def work(_chosen: Settings) -> Any:
        made = long_work.printed(source.read_text(encoding="utf-8"), form)
        to.write_bytes(made)
        return {"bytes": len(made)}

    do(config, data, work)


@command.command("session-samples")
def session_samples(
    number: Annotated[int, typer.Argument(help="Of the session.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    agent: Annotated[list[str] | None, typer.Option(help="Of whom; may be given again.")] = None,
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Copy the samples around what happened in a session out of the journal."""

    def work(chosen: Settings) -> Any:
        return long_work.session_samples(chosen, number, agent or [], to, _Told())

    do(config, data, work)


@command.command("backtest")
def backtest(
    rules: Annotated[str, typer.Option(help="The text of the rules that are tried.")],
    since: Annotated[datetime, typer.Option(formats=[INSTANT])],
    until: Annotated[datetime, typer.Option(formats=[INSTANT])],
    most_seconds: Annotated[int, typer.Option(min=1, help="How long it may take.")] = 600,
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Try rules on what the journal holds; what has readers of its own is left out."""

    def work(chosen: Settings) -> Any:
        jailed.limit_memory()
        return work_on_text(
            chosen, rules, since, until, most_seconds, told=_Told(), monotonic=time.monotonic
        )

    do(config, data, work)


class _Told:
    """Says progress, a line for each part in a hundred."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, done: int, of: int) -> None:
        part = done * 100 // of if of else 100
        if part != self._said:
            self._said = part
            _say({"done": done, "of": of})


def do(config: Path | None, data: Path | None, work: Callable[[Settings], Any]) -> None:
    """Do the work with the settings, and say its result or what went wrong as the last line."""
    os.nice(NICE)  # whoever watches hosts goes first
    try:
        result = work(settings.load(config, os.environ, {"data": data}))
    except NothingHeld as error:
        _say({"error": str(error), "code": "nothing_held"})
        raise typer.Exit(2) from error
    except (settings.SettingsError, StartError, OSError) as error:
        _say({"error": str(error)})
        raise typer.Exit(2) from error
    except InvalidDocument as error:
        _say({"error": f"the rules have mistakes: {error}"})
        raise typer.Exit(2) from error
    except MemoryError as error:
        why = "it needs more memory than it may have: ask for a shorter span"
        _say({"error": why, "code": "memory"})
        raise typer.Exit(2) from error
    except SQLAlchemyError as error:
        _say({"error": f"the database: {getattr(error, 'orig', None) or type(error).__name__}"})
        raise typer.Exit(2) from error
    _say({"result": result})


def _say(line: dict[str, Any]) -> None:
    typer.echo(json.dumps(line, ensure_ascii=False))
