"""Every English sentence that the command line can say, found in its code and in its commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from collector.cli import app
from collector.cli.speech import commands_of, helps_of
from collector.cli.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "collector" / "cli"
# What prints for people: its first argument goes through `say`, unless it is a value by itself.
SPEAKING = {"echo", "fail", "confirm", "prompt", "secho", "tell"}
SAYING = {"say", "word"}
# What a person reads: a word of three letters that is no method of HTTP.
_WORDS = re.compile(r"\b(?!(?:GET|POST|PUT)\b)[A-Za-zÀ-ỹ]{3,}")


def helps() -> Iterator[tuple[str, str]]:
    """Yield where each help is said, and its English."""
    for one in commands_of(typer.main.get_command(app)):
        for _, english in helps_of(one):
            yield f"help of `{one.name}`", plain(english)


def sentences() -> Iterator[tuple[str, str]]:
    """Yield where each sentence of the code is said, and its English: `say` and headings."""
    for path, tree in trees():
        for node in ast.walk(tree):
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and _name(node) in SAYING and node.args:
                said = node.args[0]
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield place, plain(said.value)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_columns(node):
                for value in getattr(node.value, "values", ()):
                    if isinstance(value, ast.Constant):
                        yield place, plain(str(value.value))


def unsaid() -> Iterator[str]:
    """Yield each place where words for people do not go through `say`."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and _name(node) in SPEAKING and node.args):
                continue
            for words in _literals(node.args[0]):
                if _WORDS.search(words) and path.name not in ("output.py", "up.py"):
                    yield f"{path.name}:{node.lineno}: {words.strip()!r}"


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield the files of the command line."""
    for path in sorted(FOLDER.glob("*.py")):
        if path.name not in ("words.py", "speech.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_columns(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any("COLUMNS" in getattr(target, "id", "") for target in targets)


def _literals(node: ast.expr) -> Iterator[str]:
    """Yield the words that an expression itself brings, not those inside a call of `say`."""
    if isinstance(node, ast.Call):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield " ".join(v.value for v in node.values if isinstance(v, ast.Constant))
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)
