"""`wanwatch backtest`: rules tried on what happened, before they are put in force."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from collector import app, settings
from collector.backtest.asking import HistoryOf, instant_of, of_journal, of_prometheus, span_of
from collector.backtest.faults_file import read_faults
from collector.backtest.from_prometheus import PrometheusError
from collector.backtest.run import Bounds
from collector.backtest.work import IN_FORCE, Asked, backtest
from collector.cli.backtest_words import print_answer
from collector.cli.client import AsJson
from collector.cli.output import fail
from collector.cli.words import is_vietnamese, say
from collector.rules.expression import parse_duration
from collector.starter import StartError
from incidents.yaml_problems import InvalidDocument

Config = Annotated[Path | None, typer.Option(help="collector.toml")]
DataDirectory = Annotated[
    Path | None, typer.Option(envvar="WANWATCH_DATA", help="Directory of all data [var].")
]


Rules = Annotated[Path, typer.Option(help="A folder of rules, a policy, or a file of rules.")]
Since = Annotated[str, typer.Option("--from", help="'2026-11-25 08:00', or how long ago: 24h, 7d.")]
Until = Annotated[str, typer.Option("--to", help="The same, or now.")]
Against = Annotated[
    str, typer.Option(help="What it is held against: `current`, or a path like --rules.")
]
Prometheus = Annotated[
    str, typer.Option(help="Take history from this Prometheus, not from the journal.")
]
TokenFile = Annotated[
    Path | None, typer.Option(help="Holds the bearer token that Prometheus asks for.")
]
AddedLabel = Annotated[
    list[str] | None,
    typer.Option(help="A label that Prometheus has on every series; may be given again."),
]
Faults = Annotated[
    Path | None, typer.Option(help="CSV of faults that happened, docs/backtest.md: found or not?")
]
WarmUp = Annotated[str, typer.Option(help="How much earlier the evaluation begins.")]
Most = Annotated[str, typer.Option(help="How long it may take at most.")]


def try_rules(
    rules: Rules,
    since: Since = "24h",
    until: Until = "now",
    against: Against = "",
    prometheus: Prometheus = "",
    token_file: TokenFile = None,
    added_label: AddedLabel = None,
    faults: Faults = None,
    warm_up: WarmUp = "1h",
    most: Most = "30m",
    config: Config = None,
    data: DataDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Say which alerts, incidents and pages there would have been; nobody is told anything.

    Exit code 1 when these rules miss an incident that those of --against find, or when the run had
    to be cut short; 2 when they have mistakes or there is no such history. It reads the journal and
    the database itself: the collector may run or not.
    """
    try:
        chosen, now = settings.load(config, os.environ, {"data": data}), app.now()
        begins_earlier = timedelta(seconds=parse_duration(warm_up))
        span = span_of(instant_of(since, now), instant_of(until, now), now, begins_earlier)
        bounds = Bounds(most_seconds=parse_duration(most))
        known = () if faults is None else tuple(read_faults(faults))
        asked = Asked(rules, span, _against(against), bounds, faults=known)
        history = _history(chosen, prometheus, token_file, added_label or [])
        answer = _run(chosen, asked, history)
    except InvalidDocument as error:
        lines = [one.in_vietnamese if is_vietnamese() else str(one) for one in error.problems]
        fail(say("there are mistakes:\n{error}", error="\n".join(lines)), code=2)
    except (
        OSError, ValueError, settings.SettingsError, StartError, PrometheusError,
    ) as error:  # fmt: skip
        fail(str(error), code=2)
    except SQLAlchemyError as error:
        fail(say("the database: {what}", what=getattr(error, "orig", None) or error), code=2)
    _say(answer, as_json=as_json)


def _say(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print_answer(answer)
    if answer["missed"] or answer["covered"]["stopped"]:
        raise typer.Exit(1)


def _against(text: str) -> Path | str | None:
    if text == IN_FORCE:
        return IN_FORCE
    return Path(text) if text else None


def _history(
    chosen: settings.Settings, url: str, token_file: Path | None, added: list[str]
) -> HistoryOf:
    if not url:
        return of_journal(chosen.data)
    token = "" if token_file is None else token_file.read_text(encoding="utf-8").strip()
    return of_prometheus(url, token, added)


def _run(chosen: settings.Settings, asked: Asked, history: HistoryOf) -> dict[str, Any]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("backtest", total=None)
        return backtest(
            chosen,
            asked,
            history,
            told=lambda done, of: progress.update(task, completed=done, total=of),
            monotonic=time.monotonic,
        )
