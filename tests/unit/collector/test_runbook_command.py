"""`wanwatch runbook` over files: what a person reads while no collector answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from collector.cli import app
from collector.library import load_library

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str, lang: str = "vi_VN.UTF-8") -> tuple[int, str]:
    """Return exit code and output."""
    done = CliRunner().invoke(app, ["runbook", *words], env={"LANG": lang, "LC_ALL": ""})
    return done.exit_code, done.output


def test_list_names_every_runbook_of_a_policy(tmp_path: Path) -> None:
    """As a table and as JSON."""
    code, table = run("list", "--policy", str(tmp_path))
    assert code == 0
    assert "Máy mất liên lạc" in table
    _, text = run("list", "--policy", str(tmp_path), "--json")
    assert {row["name"] for row in json.loads(text)} == load_library(None).names


@pytest.mark.parametrize(
    ("lang", "words"), [("vi_VN.UTF-8", "## Ý nghĩa"), ("C.UTF-8", "## What it means")]
)
def test_show_speaks_the_language_of_the_terminal(tmp_path: Path, lang: str, words: str) -> None:
    """Markdown on a pipe, whole."""
    code, text = run("show", "agent-silent", "--policy", str(tmp_path), lang=lang)
    assert code == 0
    assert words in text
    assert "wanwatch-agent status" in text


def test_unknown_runbook_and_broken_policy_say_so(tmp_path: Path) -> None:
    """1 for a name that is not there, 2 for a file that cannot be used."""
    assert run("show", "nothing", "--policy", str(tmp_path))[0] == 1
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "own.md").write_text("no head", encoding="utf-8")
    code, text = run("list", "--policy", str(tmp_path))
    assert code == 2
    assert "runbooks/own.md:1:" in text


def test_without_collector_and_policy_the_way_out_is_named(tmp_path: Path) -> None:
    """The message says how to read on."""
    code, text = run("show", "cpu-high", "--data", str(tmp_path))
    assert code == 2
    assert "--data" in text
