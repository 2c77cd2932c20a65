"""`wanwatch runbook`: list and show what to do; with --policy also while no collector runs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown

from collector.api.runbooks import answer_of, row_of
from collector.cli.client import AsJson, Data, connect
from collector.cli.output import fail, show
from collector.cli.words import language, say
from collector.library import FOLDER, load_library
from incidents.yaml_problems import InvalidDocument
from runbooks.model import HEADINGS

if TYPE_CHECKING:
    from collector.library import Library
    from runbooks.model import Language

COLUMNS = {"name": "NAME", "title": "TITLE", "class_code": "CLASS", "rules": "RULES"}
FromPolicy = Annotated[
    Path | None,
    typer.Option("--policy", metavar="DIR", help="Read this policy directory, ask no collector."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as agent-silent.")]
command = typer.Typer(help="List runbooks and show one.", no_args_is_help=True)


@command.command("list")
def list_runbooks(
    data: Data = Path("var"), policy: FromPolicy = None, as_json: AsJson = False
) -> None:
    """List the runbooks in force."""
    if policy is not None:
        rows = [asdict(row_of(book)) for book in _library(policy)]
    else:
        rows = connect(data).get("/api/v1/runbooks")["items"]
    if not as_json:
        rows = [{**row, "title": row[f"title_{_language()}"]} for row in rows]
    show(_plain(rows), COLUMNS, as_json=as_json)


@command.command("show")
def show_runbook(
    name: Name, data: Data = Path("var"), policy: FromPolicy = None, as_json: AsJson = False
) -> None:
    """Show one runbook in the language of the terminal."""
    if policy is not None:
        book = _library(policy).get(name)
        if book is None:
            fail(
                say("there is no runbook {name!r}; `wanwatch runbook list` names all", name=name),
                code=1,
            )
        found = asdict(answer_of(book))
    else:
        found = connect(data).get(f"/api/v1/runbooks/{name}")
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
        return
    text = _text(found, _language())
    if sys.stdout.isatty():
        Console().print(Markdown(text, hyperlinks=False))
    else:
        typer.echo(text)


def _library(policy: Path) -> Library:
    try:
        return load_library(policy / FOLDER)
    except InvalidDocument as error:
        fail(str(error), code=2)


def _text(found: dict[str, Any], language: Language) -> str:
    parts = [f"# {found['runbook'][f'title_{language}']}"]
    for section, heading in HEADINGS[language].items():
        parts.append(f"## {heading}\n\n{found['sections'][language][section].strip()}")
    return "\n\n".join(parts)


def _language() -> Language:
    return language(os.environ)


def _plain(value: Any) -> Any:
    """Return what JSON can hold: dates as text."""
    return json.loads(json.dumps(value, default=str))
