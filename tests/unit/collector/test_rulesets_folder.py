"""Rulesets in a policy directory: one file, several by validity, and what is wrong with both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.rulesets_folder import read_rulesets
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime(2026, 11, 24, tzinfo=UTC)


def write(directory: Path, name: str, text: str) -> None:
    """One ruleset over the shipped one."""
    path = directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("extends: vn-2026\n" + text, encoding="utf-8")


def mistakes(directory: Path) -> str:
    """What is said about a directory."""
    with pytest.raises(InvalidDocument) as caught:
        read_rulesets(directory)
    return str(caught.value)


def test_shipped_ruleset_stands_in_for_none(tmp_path: Path) -> None:
    """A new province has the default."""
    assert read_rulesets(tmp_path).at(TODAY).id == "vn-2026"


def test_several_rulesets_follow_one_another(tmp_path: Path) -> None:
    """The one in force is chosen by its days."""
    write(tmp_path, "procedures/a.yaml", "id: nay\nvalid_to: 2026-12-31\n")
    write(tmp_path, "procedures/b.yaml", "id: sang-nam\nvalid_from: 2027-01-01\n")
    rulesets = read_rulesets(tmp_path)

    assert rulesets.at(TODAY).id == "nay"
    assert rulesets.at(datetime(2026, 12, 31, 17, tzinfo=UTC)).id == "sang-nam"


def test_file_and_folder_together_are_a_mistake(tmp_path: Path) -> None:
    """Nobody should have to guess which one counts."""
    write(tmp_path, "procedure.yaml", "id: x\n")
    write(tmp_path, "procedures/a.yaml", "id: y\n")

    assert "procedure.yaml:1: there are also rulesets under procedures/" in mistakes(tmp_path)


def test_mistakes_of_all_files_are_named(tmp_path: Path) -> None:
    """Each with its file in the folder."""
    write(tmp_path, "procedures/a.yaml", "id: nay\nvalid_to: 2026-12-30\n")
    write(tmp_path, "procedures/b.yaml", "id: moi\nvalid_from: 2027-01-01\n")
    assert "procedures/b.yaml:3: valid_from: 2027-01-01 given: moi leaves a gap" in mistakes(
        tmp_path
    )
    write(tmp_path, "procedures/a.yaml", "id: nay\nclosd: x\n")
    write(tmp_path, "procedures/b.yaml", "id: moi\nmatrix: {cells: {I1: {P1: S9}}}\n")

    text = mistakes(tmp_path)

    assert "procedures/a.yaml:3: closd: 'closd' is not a known field" in text
    assert "procedures/b.yaml:3: matrix.cells.I1.P1: 'S9' is not defined" in text


@pytest.mark.parametrize("name", ["procedure.yaml", "procedures/a.yaml"])
def test_unreadable_file_is_named(tmp_path: Path, name: str) -> None:
    """Bytes that are no text."""
    (tmp_path / "procedures").mkdir()
    (tmp_path / name).write_bytes(b"\xff\xfe")

    assert f"{name}:1: cannot be read as UTF-8" in mistakes(tmp_path)
