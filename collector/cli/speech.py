"""Runs the command line in Vietnamese: help, usage and errors, whatever the library says itself."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import typer

from collector.cli.words import around, word

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the library raises for a wrong call; it has no public name for it.
_WRONG_CALL: Any = next(
    one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException"
)


def commands_of(command: Any) -> Iterator[Any]:
    """Yield a command and everything below it."""
    yield command
    for sub in getattr(command, "commands", {}).values():
        yield from commands_of(sub)


def helps_of(command: Any) -> Iterator[tuple[Any, str]]:
    """Yield whatever of a command, alone, has a help, with its English words."""
    for thing in (command, *command.params):
        if getattr(thing, "help", None):
            yield thing, thing.help


def dress(command: Any) -> None:
    """Give a command and everything below it their help in Vietnamese."""
    for one in commands_of(command):
        for thing, english in helps_of(one):
            thing.help = word(english)
        english_help = one.get_help
        one.get_help = lambda ctx, help_of=english_help: around(help_of(ctx))


def run_in_vietnamese(app: typer.Typer) -> None:
    """Run the command line and end the process, as the library would in English."""
    command = typer.main.get_command(app)
    dress(command)
    try:
        code = command(standalone_mode=False)
    except typer.Abort:
        typer.echo(around("Aborted!"), err=True)
        code = 1
    except _WRONG_CALL as error:
        said = io.StringIO()
        error.show(file=said)
        typer.echo(around(said.getvalue()), err=True, nl=False)
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)
