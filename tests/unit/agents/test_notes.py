"""What a check remembers over a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.notes import Notes

if TYPE_CHECKING:
    from pathlib import Path


def test_notes_are_there_after_a_restart(tmp_path: Path) -> None:
    """Each check has its own."""
    before = Notes(tmp_path)
    before.keep("one", {"a": "1"})
    before.keep("two", {"a": "2"})

    after = Notes(tmp_path)
    assert (after.of("one"), after.of("two"), after.of("three")) == ({"a": "1"}, {"a": "2"}, {})


def test_notes_go_on_without_a_disk(tmp_path: Path) -> None:
    """Where nothing can be written, and where nothing shall be."""
    for notes in (Notes(tmp_path / "gone"), Notes(None)):
        notes.keep("one", {"a": "1"})
        assert notes.of("one") == {"a": "1"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "\x00"])
def test_notes_that_are_damaged_are_none(tmp_path: Path, content: str) -> None:
    """A torn file is no reason to fail."""
    (tmp_path / "one.notes.json").write_text(content)

    assert Notes(tmp_path).of("one") == {}


def test_notes_that_do_not_change_are_not_written_again(tmp_path: Path) -> None:
    """A disk is not worn out by what is known already."""
    notes = Notes(tmp_path)
    notes.keep("one", {"a": "1"})
    (tmp_path / "one.notes.json").unlink()
    notes.keep("one", {"a": "1"})

    assert list(tmp_path.iterdir()) == []
