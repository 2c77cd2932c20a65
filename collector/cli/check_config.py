"""`wanwatch check-config DIR`: every mistake with its file, line and field."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector import settings
from collector.cli.client import AsJson
from collector.cli.words import is_vietnamese, say
from collector.policy.policy import check
from incidents.yaml_problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_config(
    directory: Annotated[Path, typer.Argument(help="Policy directory.")],
    config: Annotated[
        Path | None, typer.Option(help="collector.toml, to be checked as well.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a whole policy directory, from units.csv to channels.yaml; nothing is changed."""
    problems = [*check(directory), *(settings_problems(config) if config else ())]
    if as_json:
        typer.echo(json.dumps([asdict(p) for p in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(problem.in_vietnamese if is_vietnamese() else str(problem))
        if not problems:
            typer.echo(say("{directory}: no mistakes found", directory=directory))
    raise typer.Exit(2 if problems else 0)


def settings_problems(config: Path) -> Iterator[Problem]:
    """Yield what is wrong in collector.toml, files of credentials that cannot be read included."""
    try:
        found = settings.load(config, {}, {})
    except settings.SettingsError as error:
        for line in str(error).splitlines():
            yield Problem(str(config), 1, "", line.removeprefix(f"{config}: "))
        return
    for one in found.remote_write:
        for field in ("bearer_token_file", "password_file", "ca_file"):
            path: Path | None = getattr(one, field)
            try:
                if path is not None:
                    path.read_bytes()
            except OSError as error:
                said = f"{path} cannot be read: {error.strerror}"
                yield Problem(str(config), 1, f"remote_write.{one.name}.{field}", said)
