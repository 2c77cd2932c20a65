"""The policy directory is taken whole or not at all, with every mistake of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector import policy
from incidents.yaml_lines import InvalidDocument

if TYPE_CHECKING:
    from pathlib import Path

UNITS = "code,name\nH1,Xã Đường Sơn\n"


def directory(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_units_alone_are_a_policy(tmp_path: Path) -> None:
    """Rules and procedure come with the program; without channels nobody is paged."""
    loaded = policy.load(directory(tmp_path))
    assert [unit.code for unit in loaded.units] == ["H1"]
    assert loaded.procedure.id.startswith("vn-2026")
    assert len(loaded.rulebook.rules) > 15
    assert loaded.paging.recipients == ()
    assert policy.check(tmp_path) == []


def test_every_mistake_of_every_file_is_listed(tmp_path: Path) -> None:
    """One run shows all; nothing of a policy with a mistake is used."""
    bad = directory(
        tmp_path,
        units_dot_csv="code,name\nH1,\n",
        channels_dot_yaml="channels: {x: {kind: pigeon}}\n",
        procedure_dot_yaml="id: [\n",
        rules__own_dot_yaml="rules: [{name: x}]\n",
    )
    found = policy.check(bad)
    assert {problem.file for problem in found} == {
        *("units.csv", "channels.yaml", "procedure.yaml", "rules/own.yaml"),
    }
    assert all(problem.line > 0 and problem.message_en for problem in found)
    with pytest.raises(InvalidDocument):
        policy.load(bad)


def test_rule_is_held_against_the_procedure_in_force(tmp_path: Path) -> None:
    """A class that the procedure does not have is found before the first alert."""
    text = """
rules:
  - {name: Own, value: last(a), warning: {above: 1}, class: la_lung, runbook: own,
     summary: {vi: a, en: b}}
"""
    found = policy.check(directory(tmp_path, rules__own_dot_yaml=text))
    assert [(problem.file, problem.field) for problem in found] == [
        ("rules/own.yaml", "rules[0].class")
    ]


def test_missing_directory_and_missing_units_are_named(tmp_path: Path) -> None:
    """A typing mistake in the path is no traceback."""
    assert "no such directory" in policy.check(tmp_path / "nowhere")[0].message_en
    assert policy.check(tmp_path)[0].file == "units.csv"
