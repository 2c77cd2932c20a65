"""The policy directory is taken whole or not at all, with every mistake of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.library import SHIPPED, load_library
from collector.policy import policy
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
  - {name: Own, value: last(a), warning: {above: 1}, class: la_lung, runbook: cpu-high,
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


def test_rule_is_held_against_the_runbooks(tmp_path: Path) -> None:
    """A rule that leads to a runbook nobody wrote is found before the first alert."""
    text = """
rules:
  - {name: Own, value: last(a), warning: {above: 1}, class: khac, runbook: own,
     summary: {vi: a, en: b}}
"""
    found = policy.check(directory(tmp_path, rules__own_dot_yaml=text))
    assert [(problem.file, problem.line, problem.field) for problem in found] == [
        ("rules/own.yaml", 3, "rules[0].runbook")
    ]
    (tmp_path / "runbooks").mkdir()
    shipped = (SHIPPED / "cpu-high.md").read_text(encoding="utf-8")
    (tmp_path / "runbooks" / "own.md").write_text(
        shipped.replace("name: cpu-high", "name: own"), encoding="utf-8"
    )
    assert policy.check(tmp_path) == []


def test_policy_replaces_a_runbook(tmp_path: Path) -> None:
    """A province's own words stand instead of the shipped ones; the others stay."""
    place = directory(tmp_path)
    (place / "runbooks").mkdir()
    shipped = (SHIPPED / "cpu-high.md").read_text(encoding="utf-8")
    (place / "runbooks" / "cpu-high.md").write_text(
        shipped.replace("Bộ xử lý bận kéo dài", "Bộ xử lý của tỉnh"), encoding="utf-8"
    )
    library = policy.load(place).library
    book = library.get("cpu-high")
    assert book is not None
    assert book.title["vi"] == "Bộ xử lý của tỉnh"
    assert library.names == load_library(None).names


def test_mistakes_of_a_runbook_name_file_line_and_field(tmp_path: Path) -> None:
    """Codes of the procedure are checked in what a province writes."""
    place = directory(tmp_path)
    (place / "runbooks").mkdir()
    shipped = (SHIPPED / "cpu-high.md").read_text(encoding="utf-8")
    (place / "runbooks" / "cpu-high.md").write_text(
        shipped.replace("class: kt_qua_tai", "class: la").replace("[truc_ca,", "[ai_do,"),
        encoding="utf-8",
    )
    found = [(p.file, p.line, p.field) for p in policy.check(place)]
    assert found == [
        ("runbooks/cpu-high.md", 7, "class"),
        ("runbooks/cpu-high.md", 12, "tell[0]"),
    ]


def test_services_are_held_against_the_targets(tmp_path: Path) -> None:
    """What the catalogue names must stand in targets.yaml; without the file there is no service."""
    targets = "targets:\n- {name: vb, address: 10.42.1.20}\n"
    services = "services:\n- {name: van-ban, vi: Văn bản, checked_by: [vb]}\n"
    good = directory(tmp_path, targets_dot_yaml=targets, services_dot_yaml=services)
    assert list(policy.load(good).catalogue.by_name) == ["van-ban"]

    (good / "targets.yaml").unlink()
    (problem,) = policy.check(good)
    assert (problem.file, problem.line) == ("services.yaml", 2)
    (good / "services.yaml").unlink()
    assert policy.load(good).catalogue.by_name == {}
