"""The checkpoints that an agent keeps: bounded, thinned, and never in the way of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.checkpoints import MOST, Checkpoints, is_note, split, thinned

if TYPE_CHECKING:
    from pathlib import Path


def note(size: int) -> str:
    return f"wanwatch\n{size}\nAAAA\n\n\u2014 wanwatch abcd\n"


def test_what_an_answer_carries_is_kept_once(tmp_path: Path) -> None:
    """A checkpoint that comes again is not kept again; a restart goes on where it was."""
    path = tmp_path / "checkpoints.txt"
    kept = Checkpoints(path)
    for body in ({"checkpoint": note(1)}, {"checkpoint": note(1)}, {"state": "x"}, None):
        kept.heard(body)
    Checkpoints(path).heard({"checkpoint": note(2)})

    assert split(path.read_text(encoding="utf-8")) == [note(1), note(2)]


@pytest.mark.parametrize(
    "given", ["", "x", 7, None, ["a"], note(1) + note(2), "x" * 3000, note(1).rstrip("\n")]
)
def test_what_is_no_note_is_not_kept(tmp_path: Path, given: object) -> None:
    """An answer is not believed: what cannot be one note leaves no trace."""
    path = tmp_path / "checkpoints.txt"
    Checkpoints(path).heard({"checkpoint": given})
    assert not path.exists()


def test_the_file_is_bounded_and_old_ones_thin_out(tmp_path: Path) -> None:
    """After thousands there are at most 64: all of the newest, ever fewer of the old, the first."""
    notes: list[str] = []
    for size in range(1, 2_000):
        notes = thinned([*notes, note(size)])
    sizes = [int(one.split("\n")[1]) for one in notes]

    assert len(sizes) <= MOST
    assert sizes == sorted(sizes)
    assert sizes[0] == 1
    assert sizes[-8:] == list(range(1_992, 2_000))


def test_a_full_disk_costs_the_checkpoint_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and nothing fails."""
    kept = Checkpoints(tmp_path / "missing" / "checkpoints.txt")
    kept.heard({"checkpoint": note(1)})
    kept.heard({"checkpoint": note(2)})

    assert caplog.text.count("are not kept") == 1


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    """Bytes that are no text cost what was kept, never the agent."""
    path = tmp_path / "checkpoints.txt"
    path.write_bytes(b"\xff\xfe")
    Checkpoints(path).heard({"checkpoint": note(3)})
    assert path.read_text(encoding="utf-8") == note(3)
    assert is_note(note(3))
