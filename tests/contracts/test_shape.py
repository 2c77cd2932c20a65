"""The shape of the code: layers, sizes, and no promise left open."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("agents", "collector", "incidents", "runbooks")
SOURCES = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def test_layers_hold() -> None:
    """Imports follow the design: import-linter finds no broken contract."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout


def test_no_file_is_too_long() -> None:
    """A file is one thing."""
    lengths = {str(f.relative_to(ROOT)): len(f.read_text().splitlines()) for f in SOURCES}

    assert {name: n for name, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    """A function fits on a screen."""
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in SOURCES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]

    assert long == []


def test_every_module_says_what_it_is() -> None:
    """Each module opens with one sentence."""
    silent = [
        str(file.relative_to(ROOT))
        for file in SOURCES
        if not ast.get_docstring(ast.parse(file.read_text())) and file.read_text().strip()
    ]

    assert silent == []
