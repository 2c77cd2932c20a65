"""`run` as services start it, read without argparse: half a MiB that the agent would keep."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def plain_run(argv: Sequence[str]) -> SimpleNamespace | None:
    """Return what argparse would; None for any other command, and for all that is not plain.

    Plain are the long options in full, each with its value behind a space.
    """
    kinds: dict[str, Callable[[str], Any]] = {
        "--config": Path,
        "--data": str,
        "--collector": str,
        "--ca-file": str,
        "--interval-seconds": float,
    }
    given: dict[str, Any] = dict.fromkeys(kinds)
    if list(argv[:1]) != ["run"] or len(argv) % 2 == 0:
        return None
    for name, text in zip(argv[1::2], argv[2::2], strict=True):
        if name not in kinds or text.startswith("-"):
            return None
        try:
            given[name] = kinds[name](text)
        except ValueError:
            return None
    named = {name.removeprefix("--").replace("-", "_"): value for name, value in given.items()}
    return SimpleNamespace(command="run", **named)
