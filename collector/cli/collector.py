"""`wanwatch collector`: the collector alone, in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from collector import settings
from collector.app import StartError, run
from collector.cli.output import fail


def collector(
    config: Annotated[Path | None, typer.Option(help="collector.toml")] = None,
    data: Annotated[Path | None, typer.Option(help="Directory of all data [var].")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT [127.0.0.1:8440].")] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy directory [DATA/policy].")] = None,
) -> None:
    """Run the collector until it is asked to stop."""
    overrides = {"data": data, "listen": listen, "policy": policy}
    try:
        run(settings.load(config, os.environ, overrides))
    except (settings.SettingsError, StartError) as error:
        fail(str(error), code=2)
