"""`wanwatch job dossier`: a report for the archive, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector import app as composition
from collector.cli.job import Config, DataDirectory, do
from collector.jobs import long_work

if TYPE_CHECKING:
    from collector.settings import Settings

Target = Annotated[Path, typer.Option(help="The file to write.")]


def dossier(
    family: Annotated[int, typer.Argument(help="The number of its first version.")],
    to: Target,
    by: Annotated[str, typer.Option(help="Who asked.")],
    config: Config = None,
    data: DataDirectory = None,
) -> None:
    """Write the dossier of a report: every version that was put up for signature."""

    def work(chosen: Settings) -> Any:
        written = long_work.dossier(chosen, family, to, by=by, now=composition.now())
        return {"written": written}

    do(config, data, work)
