"""What was not found is said in Vietnamese: every name of a kind has its words."""

from __future__ import annotations

import ast
from pathlib import Path

from collector.api.errors import _KINDS

COLLECTOR = Path(__file__).parents[2] / "collector"


def test_every_kind_that_may_be_missing_has_its_words() -> None:
    """The first word of each `NotFoundError(...)` stands in the table of the errors."""
    said = {
        node.args[0].value
        for path in COLLECTOR.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "NotFoundError"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(said) > 20
    assert said <= _KINDS.keys()
