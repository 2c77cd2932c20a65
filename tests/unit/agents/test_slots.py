"""A small file that is rewritten in place: whatever happens, a whole content is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.slots import LEAST_SLOT_BYTES, SlotFile, read

if TYPE_CHECKING:
    from pathlib import Path


@given(st.lists(st.binary(max_size=3 * LEAST_SLOT_BYTES), min_size=1, max_size=8))
def test_slots_give_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    """By the same writer or the next one, whatever the sizes."""
    path = tmp_path_factory.mktemp("slots") / "file"
    for number, content in enumerate(contents):
        file = SlotFile(path, is_durable=False)
        file.write(content)
        assert read(path) == content
        if number % 2:
            file.write(b"again")
            assert read(path) == b"again"
        file.close()


def test_slots_keep_the_content_before_when_a_write_is_cut_short(tmp_path: Path) -> None:
    """At whatever byte: a torn slot is not taken, and the next write goes on."""
    path = tmp_path / "file"
    file = SlotFile(path, is_durable=True)
    file.write(b"one")
    file.write(b"two")
    before = path.read_bytes()
    file.write(b"three")
    after = path.read_bytes()
    changed = [at for at in range(len(after)) if after[at] != before[at]]

    for at in changed:
        path.write_bytes(after[:at] + before[at:])
        assert read(path) == b"two"
        again = SlotFile(path, is_durable=True)
        again.write(b"next")
        again.close()
        assert read(path) == b"next"


def test_slots_grow_and_take_no_new_room_afterwards(tmp_path: Path) -> None:
    """A full disk does not stop a file that has its room."""
    path = tmp_path / "file"
    file = SlotFile(path, is_durable=False)
    file.write(b"x" * 10_000)
    size = path.stat().st_size
    for length in (1, 10_000, 16_000):
        file.write(b"y" * length)

    assert path.stat().st_size == size
    assert read(path) == b"y" * 16_000


@pytest.mark.parametrize("content", [b"", b"x", bytes(8192), b"WWS1" * 2048])
def test_slots_say_so_when_neither_is_whole(tmp_path: Path, content: bytes) -> None:
    """Damage is an error for the reader; the writer begins anew."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="neither"):
        read(path)

    SlotFile(path, is_durable=False).write(b"good")
    assert read(path) == b"good"


def test_slots_come_back_when_somebody_removed_the_file(tmp_path: Path) -> None:
    """What is written goes where a reader looks for it."""
    path = tmp_path / "file"
    file = SlotFile(path, is_durable=False)
    file.write(b"one")
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read(path)

    file.write(b"two")
    assert read(path) == b"two"


def test_slots_refuse_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The disk's own error, and nothing is left behind."""
    with pytest.raises(OSError, match="No such file"):
        SlotFile(tmp_path / "gone" / "file", is_durable=True).write(b"x")
