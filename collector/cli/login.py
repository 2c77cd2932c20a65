"""`wanwatch login`: a new one-time link to the console."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer

from collector.cli.client import Data, connect


def login(data: Data = Path("var")) -> None:
    """Print a link that logs one person in, once, within ten minutes."""
    typer.echo(connect(data).post("/api/v1/login-links", {"user": getpass.getuser()})["url"])
