"""Every English sentence that the agent's commands can say, found in their code."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.texts import DOUBTS

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "agents"
# What speaks to a person at a terminal.
FILES = (
    "__main__.py", "arguments.py", "commands.py", "key_commands.py", "probe_command.py", "texts.py",
)  # fmt: skip
_WORDS = re.compile(r"[A-Za-z]{3,}")


def agent_sentences() -> Iterator[tuple[str, str]]:
    """Yield where each sentence is said, and its English."""
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                said = node.args[0]
                if isinstance(said, ast.Constant):
                    yield f"{path.name}:{node.lineno}", str(said.value)
    yield from (("agents/texts.py", doubt) for doubt in DOUBTS.values())
    for answer in Answer:
        yield "agents/answer.py", answer.name.lower().replace("_", " ")
    yield from (("agents/texts.py", f"{name}: {{n}}") for name in ("events", "sections"))


def agent_unsaid() -> Iterator[str]:
    """Yield each place where words for people, or a help, do not go through `say`."""
    for path, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            spoken = [word.value for word in node.keywords if word.arg in ("help", "description")]
            if getattr(node.func, "id", "") == "print":
                spoken += node.args
            for one in spoken:
                words = _literal(one)
                if _WORDS.search(words.replace("wanwatch-agent", "")):
                    yield f"{path.name}:{node.lineno}: {words!r}"


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for name in FILES:
        yield FOLDER / name, ast.parse((FOLDER / name).read_text(encoding="utf-8"))


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return " ".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
    return ""
