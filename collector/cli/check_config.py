"""`wanwatch check-config DIR`: every mistake with its file, line and field."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson
from collector.cli.words import is_vietnamese, say
from collector.policy import check


def check_config(
    directory: Annotated[Path, typer.Argument(help="Policy directory.")],
    as_json: AsJson = False,
) -> None:
    """Check a whole policy directory, from units.csv to channels.yaml; nothing is changed."""
    problems = check(directory)
    if as_json:
        typer.echo(json.dumps([asdict(p) for p in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(problem.in_vietnamese if is_vietnamese() else str(problem))
        if not problems:
            typer.echo(say("{directory}: no mistakes found", directory=directory))
    raise typer.Exit(2 if problems else 0)
